using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Modules.Disco;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.AdHoc;

/// <summary>Ad-hoc commands of domains and accounts.</summary>
/// <remarks>XEP-0050 v1.3.0, ADH-001 to ADH-004. It keeps no sessions: a command of several steps keeps its own.</remarks>
[Module("mod_adhoc", Options = typeof(AdHocOptions)), Uses("mod_disco"), Xep(50, "1.3.0")]
[Announces(Announcer.Server | Announcer.Account, Ns.Commands)]
public sealed class AdHocModule(AdHocOptions options, TimeProvider time, IDisco? disco) : IModule, IAdHoc, IDiscoContributor
{
    private readonly SortedDictionary<string, IAdHocCommand> _server = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, IAdHocCommand> _accounts = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        AddToServer(new PingCommand());
        on.AccountFeature(Ns.Commands); // that of the domain is announced by itself
        on.Iq(Ns.Commands, null, IqTarget.Domain, RunAsync);
        on.Iq(Ns.Commands, null, IqTarget.Account, RunAsync);
        on.Offer<IAdHoc>(this);
        disco?.Add(this);
    }

    /// <inheritdoc/>
    public void AddToServer(IAdHocCommand command) => _server.Add(command.Node, command);

    /// <inheritdoc/>
    public void AddToAccounts(IAdHocCommand command) => _accounts.Add(command.Node, command);

    /// <inheritdoc/>
    public ValueTask<DiscoInfo?> InfoAsync(DiscoQuery query, CancellationToken ct)
    {
        if (query.Node is null || !query.IsSubscribed)
        {
            return new((DiscoInfo?)null);
        }

        if (query.Node == Ns.Commands)
        {
            return new(new DiscoInfo([new DiscoIdentity("automation", "command-list", "Commands")], [Ns.Commands]));
        }

        return new(Of(query.Entity).TryGetValue(query.Node, out var command) && command.IsFor(query.From, query.Entity)
            ? new DiscoInfo([new DiscoIdentity("automation", "command-node", command.Name)], [Ns.Commands, Ns.DataForms])
            : null);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DiscoItem>?> ItemsAsync(DiscoQuery query, CancellationToken ct)
    {
        if (!query.IsSubscribed)
        {
            return new((IReadOnlyList<DiscoItem>?)null);
        }

        var jid = query.Entity.ToString();
        var commands = Of(query.Entity);
        return new(query.Node switch
        {
            null when options.ReportCommandsNode => [new DiscoItem(jid, "Commands", Ns.Commands)],
            null => null,
            Ns.Commands => [.. commands.Values.Where(command => command.IsFor(query.From, query.Entity)).Select(command => new DiscoItem(jid, command.Name, command.Node))],
            _ => commands.TryGetValue(query.Node, out var one) && one.IsFor(query.From, query.Entity) ? [] : null,
        });
    }

    private SortedDictionary<string, IAdHocCommand> Of(BareJid entity) => entity.HasLocal ? _accounts : _server;

    private async ValueTask<IqReply> RunAsync(IqRequest request, CancellationToken ct)
    {
        var asked = request.Payload;
        if (request.Type is not IqType.Set || asked.Name != "command")
        {
            return IqReply.Error(StanzaError.BadRequest());
        }

        if (asked.Attribute("node") is not { } node || !Of(request.Account).TryGetValue(node, out var command))
        {
            return IqReply.Error(StanzaError.ItemNotFound());
        }

        if (!command.IsFor(request.From, request.Account))
        {
            return IqReply.Error(StanzaError.Forbidden());
        }

        if (Action(asked.Attribute("action")) is not { } action)
        {
            return IqReply.Error(StanzaError.BadRequest() with { Application = new XmlBuilder("malformed-action", Ns.Commands).Build() });
        }

        var session = asked.Attribute("sessionid") is { Length: > 0 } given ? given : XmppDateTime.Format(time.GetUtcNow()); // ADH-003
        var reply = await command.RunAsync(new AdHocRequest(request.From, request.Account, session, action, asked), ct);
        return reply.Failure is { } failure
            ? IqReply.Error(failure)
            : IqReply.Result(new XmlBuilder("command", Ns.Commands)
                .Attribute("node", node).Attribute("sessionid", session).Attribute("status", Word(reply.Status)).Add(reply.Payload).Build());
    }

    private static AdHocAction? Action(string? word) => word switch
    {
        null or "" or "execute" => AdHocAction.Execute,
        "cancel" => AdHocAction.Cancel,
        "prev" => AdHocAction.Previous,
        "next" => AdHocAction.Next,
        "complete" => AdHocAction.Complete,
        _ => null,
    };

    private static string Word(AdHocStatus status) => status switch
    {
        AdHocStatus.Executing => "executing",
        AdHocStatus.Completed => "completed",
        _ => "canceled",
    };
}
