using System.Runtime.CompilerServices;
using Meerkat.Admin.GraphQL;
using Meerkat.Admin.GraphQL.Scalars;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Core.Routing;
using Meerkat.Core.Sessions;
using Meerkat.Core.Tracing;
using Meerkat.Modules.Mam;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Categories;

/// <summary><c>stanza</c>: sending, archives, what comes (GQA-STANZA-01 to 06, GQU-STANZA-01 to 05).</summary>
internal sealed class StanzaCategory(ServerContext server) : ICategory
{
    private readonly StanzaOperations _stanzas = new(server);

    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        RegisterUser(user);
        admin.Add("StanzaAdminQuery", "getLastMessages", call => LastAsync(call.Jid("caller").Bare, call));
        admin.Subscribe("StanzaAdminSubscription", "subscribeForMessages", call => ListenAsync(call.Jid("caller").Bare, ("caller", call.Jid("caller")), call));
        admin.Subscribe("StanzaAdminSubscription", "subscribeForTraffic", call => new ValueTask<IAsyncEnumerable<object>>(Watch(call)));
        user.Add("StanzaUserQuery", "getLastMessages", call => LastAsync(call.Self, call));
        user.Subscribe("StanzaUserSubscription", "subscribeForMessages", call => ListenAsync(call.Self, ("caller", call.Self), call));
        const string Mutation = "StanzaAdminMutation";
        admin.Add(Mutation, "sendMessage", async call => Shown(await _stanzas.SendMessageAsync(call.Jid("from"), call.Jid("to"), call.Text("body"), call.Ct), ("from", call.Jid("from"))));
        admin.Add(Mutation, "sendMessageHeadLine", async call =>
            Shown(await _stanzas.SendHeadlineAsync(call.Jid("from"), call.Jid("to"), call.Find<string>("subject"), call.Find<string>("body"), call.Ct), ("from", call.Jid("from"))));
        admin.Add(Mutation, "sendStanza", async call =>
        {
            // Without a namespace a stanza is a client's. None at all is answered like one without addresses.
            var given = call.Find<XmlInput>("stanza").OrRefuse(new OperationException("no_recipient", "There is no stanza"));
            return Shown(await _stanzas.SendAsync(XmlElement.Parse(given.Text, Ns.Client), call.Ct));
        });
    }

    // GQU-STANZA-02 to 04: a user sends as itself, from whichever resource.
    private void RegisterUser(OperationMap user)
    {
        const string Own = "StanzaUserMutation";
        user.Add(Own, "sendMessage", async call => Shown(await _stanzas.SendMessageAsync(Sender(call), call.Jid("to"), call.Text("body"), call.Ct)));
        user.Add(Own, "sendMessageHeadLine", async call =>
            Shown(await _stanzas.SendHeadlineAsync(Sender(call), call.Jid("to"), call.Find<string>("subject"), call.Find<string>("body"), call.Ct)));
        user.Add(Own, "sendStanza", async call =>
        {
            var given = call.Find<XmlInput>("stanza").OrRefuse(new OperationException("no_recipient", "There is no stanza"));
            var element = XmlElement.Parse(given.Text, Ns.Client);
            var from = element.Attribute("from");
            if (from is not null && !(Jid.TryParse(from, out var sender) && sender.Bare.Equals(call.Self)))
            {
                throw new OperationException("invalid_sender", "The sender is somebody else, or no address");
            }

            return Shown(await _stanzas.SendAsync(from is null ? element.WithAttribute("from", call.Self.ToString()) : element, call.Ct));
        });
    }

    private async ValueTask<object> LastAsync(BareJid owner, OperationCall call)
    {
        if (!server.Domains.TryFindAccounts(owner.Domain, out var domain) || await domain.Host.Auth.StoredExistsAsync(owner, call.Ct) is not Existence.Yes)
        {
            throw new OperationException("unknown_user", $"There is no account {owner}", ("user", owner));
        }

        var limit = call.FindValue<int>("limit") ?? MamOperations.DefaultLimit;
        var last = await domain.Host.Operations<MamOperations>()!.GetLastMessagesAsync(owner, call.Find<Jid>("with"), limit, call.FindValue<DateTimeOffset>("before"), call.Ct);
        return ArchivedStanzas.Show(last);
    }

    // GQL-SSE-06: a session of its own, that ends with the stream.
    private async ValueTask<IAsyncEnumerable<object>> ListenAsync(BareJid account, (string, object?) who, OperationCall call)
    {
        if (!server.Domains.TryFindAccounts(account.Domain, out var domain) || await domain.Host.Auth.StoredExistsAsync(account, call.Ct) is not Existence.Yes)
        {
            throw new OperationException("unknown_user", $"There is no account {account}", who);
        }

        var listener = await MessageListener.OpenAsync(domain, account, call.Ct) ?? throw new OperationException("not_allowed", $"{account} may have no session", who);
        return ReadAsync(listener);
    }

    private async IAsyncEnumerable<object> ReadAsync(MessageListener listener, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await using (listener)
        {
            await foreach (var message in listener.ReadAsync(ct))
            {
                yield return Map(message.From, server.Time.GetUtcNow(), message.Id ?? "", message.ToElement().ToString());
            }
        }
    }

    // GQL-SSE-07: the watch begins before the answer does, so that nothing is missed in between.
    private IAsyncEnumerable<object> Watch(OperationCall call) => call.FindValue<int>("limit") is { } limit and >= 0
        ? ReadAsync(server.Traffic!.Watch(), limit)
        : throw new OperationException("bad_limit", "A limit is needed: how many elements are shown, 0 or more", ("limit", call.FindValue<int>("limit")));

    private static async IAsyncEnumerable<object> ReadAsync(IAsyncEnumerable<TracedElement> traffic, int limit, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await foreach (var element in traffic.WithCancellation(ct))
        {
            if (limit-- == 0)
            {
                yield break;
            }

            yield return new { Pid = element.Stream, element.Jid, Timestamp = element.Time, Dir = element.IsFromClient ? "client_to_server" : "server_to_client", Stanza = element.Xml };
        }
    }

    // A StanzaMap.
    internal static ResultFields Map(Jid? sender, DateTimeOffset time, string id, string xml) => new() { ["sender"] = sender, ["timestamp"] = time, ["stanza_id"] = id, ["stanza"] = xml };

    private static Jid Sender(OperationCall call) =>
        call.Find<Jid>("from") is not { } from ? call.Self
        : from.Bare.Equals(call.Self) ? from
        : throw new OperationException("invalid_sender", "The sender is somebody else");

    private static Sent Shown((StanzaResult Result, string? Id) sent, params (string, object?)[] details) => sent.Result switch
    {
        StanzaResult.Ok => new Sent(sent.Id!),
        StanzaResult.NoRecipient => throw new OperationException("no_recipient", "The stanza names no recipient", details),
        StanzaResult.InvalidRecipient => throw new OperationException("invalid_recipient", "The recipient is no address", details),
        StanzaResult.NoSender => throw new OperationException("no_sender", "The stanza names no sender", details),
        StanzaResult.InvalidSender => throw new OperationException("invalid_sender", "The sender is no address of an account", details),
        StanzaResult.UnknownUser => throw new OperationException("unknown_user", "The sender is no account of this server", details),
        _ => throw new OperationException("invalid_sender", "That is no message, presence or iq that a client may send", details),
    };

    // A SendStanzaPayload.
    private sealed record Sent(string Id);
}
