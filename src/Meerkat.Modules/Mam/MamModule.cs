using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Cluster;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Modules.Roster;
using Meerkat.Modules.StanzaIds;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Mam;

/// <summary>Message archives: what an account sends and receives, and what is said in rooms, is kept and can be asked for, page by page.</summary>
/// <remarks>
/// XEP-0313 v1.1.3 (and <c>urn:xmpp:mam:1</c>), XEP-0441 v0.2.0, XEP-0424 v0.4.2 and its version 0.3, XEP-0431 v0.2.0; MAM-001 to MAM-091.
/// Rooms come in by <see cref="Core.Hooks.RoomHooks"/>: a room service need not know that there are archives.
/// </remarks>
[Module("mod_mam", Options = typeof(MamOptions)), Uses("mod_stanzaid"), Uses("mod_roster")]
[Xep(313, "1.1.3"), Xep(441, "0.2.0"), Xep(424, "0.4.2"), Xep(431, "0.2.0"), Xep(59, "1.0"), Xep(297, "1.0")]
[Announces(Announcer.Server | Announcer.Account | Announcer.Service | Announcer.Room, Ns.Mam, Ns.MamOld, Ns.MamExtended, Ns.FullText, Ns.Retract, Ns.RetractOld, Ns.RetractTombstone, Ns.RetractOldTombstone, Ns.RetractByStanzaId)]
[Announces(Announcer.Server | Announcer.Account, Ns.MamGroupchatField, Ns.MamGroupchatAvailable)]
public sealed class MamModule(
    MamOptions options, HostType host, ILogger log, IAccountArchiveStore accounts, IRoomArchiveStore rooms, IArchivePreferenceStore preferences,
    IRoomArchivePreferenceStore roomPreferences, IContacts? contacts, IStableIds? stableIds) : IModule
{
    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        if (options.Pm is { } pm)
        {
            RegisterAccounts(on, pm);
        }

        if (options.Muc is { } muc)
        {
            RegisterRooms(on, muc);
        }
    }

    private void RegisterAccounts(IModuleRegistry on, MamPmOptions pm)
    {
        var settings = ArchiveSettings.Of(pm, options);
        var writer = new ArchiveWriter(accounts, settings, "pm", host.Server.Time, log)
        {
            Failed = settings.WritesBeforeAcknowledge ? TellSender : null,
        };
        var wishes = settings.HasPreferences ? new ArchivePreferenceCache(preferences, contacts, host.Server.Events) : null;
        var answers = new ArchiveAnswers(host, "pm", settings, accounts, writer, wishes, log);
        new AccountArchive(host, pm, settings, accounts, writer, wishes, stableIds is not null).Register(on);
        foreach (var ns in (string[])[Ns.Mam, Ns.MamOld])
        {
            on.Iq(ns, null, IqTarget.Account, (request, ct) => answers.AnswerAsync(
                new ArchiveRequest(request.Account, request.Iq, request.Payload) { MayRead = request.IsOwn, MaySet = request.IsOwn }, ct));
        }

        foreach (var feature in Features(settings, accounts, pm))
        {
            on.Feature(feature);
            on.AccountFeature(feature);
        }

        on.Portable(new ArchivePortable(accounts, writer, settings, log));
        on.OwnsData(new AccountArchiveData(accounts, writer, wishes, settings.RemovalLimit));
        ForgetWhatChanges(on, DomainSlot.Archive, wishes);
        var sweeper = new ArchiveSweeper(host, accounts, settings, "pm", static domain => domain, options.RetentionSweep, log);
        on.Drain(() => StopAsync(writer, sweeper));
        var archives = new Archives(accounts, writer, settings);
        on.Operations(new MamOperations(archives));
        on.Offer<IArchives>(archives);
    }

    private static void ForgetWhatChanges(IModuleRegistry on, DomainSlot slot, ArchivePreferenceCache? wishes)
    {
        if (wishes is not null)
        {
            on.Hear(ClusterTopics.ArchivePreferences, what => wishes.ForgetAsync(what.About));
            on.Hear(ClusterTopics.AccountRemoved, what => wishes.ForgetAsync(what.About));
            on.Hook(DomainHooks.Closed, slot, (_, _) =>
            {
                wishes.Forget();
                return new(HookResult.Continue);
            });
        }
    }

    private void RegisterRooms(IModuleRegistry on, MamMucOptions muc)
    {
        var settings = ArchiveSettings.Of(muc, options);
        var writer = new ArchiveWriter(rooms, settings, "muc", host.Server.Time, log);
        var wishes = settings.HasPreferences ? new ArchivePreferenceCache(roomPreferences, contacts, host.Server.Events) : null;
        var answers = new ArchiveAnswers(host, "muc", settings, rooms, writer, wishes, log);
        var archive = new RoomArchive(host, muc, settings, rooms, writer, wishes, answers, [.. Features(settings, rooms, null)], log);
        archive.Register(on);
        on.OwnsData(new RoomArchiveData(rooms, writer, wishes, archive.OwnServiceOf, settings.RemovalLimit));
        ForgetWhatChanges(on, DomainSlot.RoomArchive, wishes);
        var sweeper = new ArchiveSweeper(host, rooms, settings, "muc", archive.ServiceOf, options.RetentionSweep, log);
        on.Drain(() => StopAsync(writer, sweeper));
        var archives = new Archives(rooms, writer, settings);
        on.Operations(new RoomMamOperations(archives));
        on.Offer<IRoomArchives>(archives);
    }

    // MAM-050
    private static IEnumerable<string> Features(ArchiveSettings settings, IArchiveStore store, MamPmOptions? pm)
    {
        yield return Ns.Mam;
        yield return Ns.MamOld;
        yield return Ns.MamExtended;
        if (settings.SearchesText && store.Abilities.HasFlag(ArchiveAbilities.TextSearch))
        {
            yield return Ns.FullText; // XEP-0431, "Discovering Support"
        }

        yield return Ns.RetractOld;
        yield return Ns.Retract;
        if (settings.Retracts && store.Abilities.HasFlag(ArchiveAbilities.Retraction))
        {
            yield return Ns.RetractOldTombstone;
            yield return Ns.RetractTombstone;
            yield return Ns.RetractByStanzaId;
        }

        if (pm is not null && store.Abilities.HasFlag(ArchiveAbilities.GroupchatFilter))
        {
            yield return Ns.MamGroupchatField;
            if (pm.ArchiveGroupchats)
            {
                yield return Ns.MamGroupchatAvailable;
            }
        }
    }

    private static async ValueTask StopAsync(ArchiveWriter writer, ArchiveSweeper sweeper)
    {
        sweeper.Dispose();
        await writer.FlushAsync();
    }

    // What stream management acknowledges and is not in both archives was at least answered. Somebody on another server was promised nothing by us.
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: it is logged.")]
    private void TellSender(PendingMessage message, Exception failure)
    {
        if (message.IsOutgoing || (message.From is { } from && host.Server.Domains.TryFindAccounts(from.Domain, out _)))
        {
            _ = TellAsync(message.Message);
        }

        async Task TellAsync(Message lost)
        {
            try
            {
                await host.Server.Router.ReplyFailureAsync(lost, StanzaError.InternalServerError("The message could not be archived."), CancellationToken.None);
            }
            catch (Exception untold)
            {
                MamLog.Untold(log, untold, lost.Id);
            }
        }
    }
}
