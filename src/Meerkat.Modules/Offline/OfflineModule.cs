using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Cluster;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Sessions;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Offline;

/// <summary>Offline storage: a message that no session can get waits until its recipient is available.</summary>
/// <remarks>
/// XEP-0160 v1.0.1, OFF-001 to OFF-008. A message is committed before stream management acknowledges it to its sender; delivery of what follows does not wait for that.
/// What cannot be stored is answered with an error, never dropped without a word.
/// </remarks>
[Module("mod_offline", Options = typeof(OfflineOptions))]
[Xep(160, "1.0.1"), Xep(22, "1.4", Partial = "the offline event"), Xep(23, "1.3"), Xep(85, "2.1", Partial = "chat states are not stored"), Xep(203, "2.0")]
[Announces(Announcer.Server | Announcer.Account, Ns.OfflineFeature)]
public sealed class OfflineModule(IOfflineStore store, OfflineOptions options, HostType host, ILogger log) : IModule
{
    private readonly OfflineDelivery _delivery = new(store, host, log);

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        OfflineMetrics.Begin();
        on.Feature(Ns.OfflineFeature);
        on.AccountFeature(Ns.OfflineFeature);
        on.Hook(MessageHooks.Offline, OfflineSlot.Store, KeepAsync);
        if (options.StoreGroupchatMessages)
        {
            on.Hook(MessageHooks.OfflineGroupchat, OfflineSlot.Store, KeepAsync);
        }

        on.Hook(SessionHooks.Available, SessionSlot.Offline, async (available, _) => await DeliverAsync(available.Session));
        on.Hook(SessionHooks.Resumed, SessionSlot.Offline, async (session, _) => await DeliverAsync(session)); // what the lost connection did not take
        on.Hear(ClusterTopics.Offline, heard =>
        {
            _ = _delivery.DeliverHereAsync(heard.About);
            return ValueTask.CompletedTask;
        });
        on.OwnsData(store);
        on.Operations(new OfflineOperations(store, host.Server.Time));
        on.Portable(new OfflinePortable(store, host.Server.Time));
    }

    private async ValueTask<HookResult> KeepAsync(MessageContext context, CancellationToken ct)
    {
        if (!OfflineRules.IsKept(context.Message))
        {
            return HookResult.Continue;
        }

        // Begun here, so that messages reach the store in the order in which their sender sent them; finished while the sender goes on.
        await context.BeforeAcknowledgeAsync(WriteAsync(context));
        return HookResult.Stop;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Nobody else can tell the sender: whatever went wrong is logged and answered.")]
    private async Task WriteAsync(MessageContext context)
    {
        var message = context.Message;
        var account = context.Account;
        StanzaError? refusal = null;
        try
        {
            var limit = host.Access.Limit(options.AccessMaxUserMessages, account.Domain, account.Local, account.Domain, long.MaxValue);
            if (!await store.AddAsync(account, OfflineRules.ToStored(message, host.Server.Time.GetUtcNow()), limit, CancellationToken.None))
            {
                refusal = StanzaError.ResourceConstraint("Too many messages wait for this recipient; this one was not stored."); // OFF-003
                OfflineMetrics.Refused("limit");
            }
        }
        catch (Exception failure)
        {
            OfflineLog.NotStored(log, failure, message.Id, account);
            OfflineMetrics.Refused("failure");
            refusal = failure is StorageBusyException ? StanzaError.ResourceConstraint("The message could not be stored in time.") : StanzaError.InternalServerError("The message could not be stored.");
        }

        try
        {
            if (refusal is not null)
            {
                await host.Server.Router.ReplyFailureAsync(message, refusal, CancellationToken.None);
                return;
            }

            OfflineMetrics.Stored();
            if (OfflineRules.StoredEvent(message) is { } told && told.To is not null)
            {
                await host.Server.Router.RouteAsync(told, CancellationToken.None);
            }
        }
        catch (Exception failure)
        {
            OfflineLog.Untold(log, failure, message.Id, account);
        }

        // OFF-006: a session that became available while this was written has looked before it was there.
        _delivery.DeliverInBackground(account);
    }

    private async ValueTask<HookResult> DeliverAsync(Session session)
    {
        if (session.Priority >= 0 && session.Presence is not null)
        {
            await _delivery.DeliverAsync(session.Jid.Bare, session);
        }

        return HookResult.Continue;
    }
}
