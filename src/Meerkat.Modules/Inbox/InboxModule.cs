using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Inbox;

/// <summary>Inbox: an account's conversations with their last messages and unread counts, kept on the server.</summary>
/// <remarks>
/// Open extension <c>erlang-solutions.com:xmpp:inbox:0</c>, INB-001 to INB-043. Rooms come in by <see cref="Core.Hooks.RoomHooks"/>.
/// </remarks>
[Module("mod_inbox", Options = typeof(InboxOptions))]
[Announces(Announcer.Server | Announcer.Account, Ns.Inbox)]
public sealed class InboxModule : IModule
{
    private readonly InboxOptions _options;
    private readonly HostType _host;
    private readonly IInboxStore _store;
    private readonly ILogger _log;
    private readonly InboxWriter? _writer;
    private readonly InboxOperations _operations;
    private ITimer? _timer;

    /// <summary>Makes the module for a host type.</summary>
    public InboxModule(InboxOptions options, HostType host, IInboxStore store, ILogger log)
    {
        _options = options;
        _host = host;
        _store = store;
        _log = log;
        _writer = options.Backend is InboxBackend.RdbmsAsync ? new InboxWriter(store, options.AsyncWriter.PoolSize ?? (2 * Environment.ProcessorCount), log).Counted() : null;
        _operations = new InboxOperations(store, host.Server.Time);
    }

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        InboxMetrics.Begin();
        on.Feature(Ns.Inbox);
        on.AccountFeature(Ns.Inbox);
        on.Iq(Ns.Inbox, null, IqTarget.OwnAccount, new InboxAnswers(_host, _options, _store).HandleAsync);
        on.Iq(Ns.InboxConversation, null, IqTarget.OwnAccount, new ConversationAnswers(_host, _options, _store).HandleAsync);
        new InboxFeed(_host, _options, _store, _writer, _log).Register(on);
        on.Operations(_operations);
        on.OwnsData(new InboxData(_store, _writer, _options.DeleteDomainLimit ?? int.MaxValue));
        var every = TimeSpan.FromHours(_options.BinCleanAfter);
        _timer = _host.Server.Time.CreateTimer(static module => _ = ((InboxModule)module!).CleanAsync(), this, every, every);
        on.Drain(StopAsync);
    }

    // INB-040
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of background work: logged, and tried again.")]
    private async Task CleanAsync()
    {
        try
        {
            var domains = _host.Server.Domains.All.Where(domain => domain.Host == _host && domain.Service is null).Select(domain => domain.Jid.Domain).ToArray();
            InboxMetrics.Cleaned(await _operations.FlushGlobalBinAsync(domains, _options.BinTtl, CancellationToken.None));
        }
        catch (Exception failure)
        {
            InboxLog.NotCleaned(_log, failure);
        }
    }

    private async ValueTask StopAsync()
    {
        _timer?.Dispose();
        if (_writer is not null)
        {
            await _writer.FlushAsync();
        }
    }
}
