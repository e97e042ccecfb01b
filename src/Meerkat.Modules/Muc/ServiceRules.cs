using Meerkat.Core.Placement;
using Meerkat.Modules.Disco;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>What the service itself answers: discovery, unique names, nicks, its card, a message to all rooms (MUC-011 to MUC-015).</summary>
internal sealed class ServiceRules(RoomHost host, IDisco? disco)
{
    // MUC-012
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);

    public async ValueTask HandleAsync(Stanza stanza, CancellationToken ct)
    {
        var router = host.Host.Server.Router;
        switch (stanza)
        {
            case Iq { IsRequest: true } iq:
                await router.RouteAsync(iq.To is FullJid ? StanzaReplies.ErrorFor(iq, StanzaError.ItemNotFound())! : await AnswerAsync(iq, ct), ct);
                break;
            case Message { IsError: false, To: FullJid }:
                await router.ReplyErrorAsync(stanza, StanzaError.ItemNotFound(), ct); // MUC-013
                break;
            case Message { IsError: false } message:
                await SpeakAsync(message, ct);
                break;
        }
    }

    /// <summary>The rooms of a service as somebody may see them, by address (MUC-012).</summary>
    public async ValueTask<IReadOnlyList<DiscoItem>> RoomsAsync(string service, Jid asking, CancellationToken ct) =>
        [.. (await AllAsync(service, asking, ct)).OfType<ListedRoom>().Select(room => new DiscoItem(room.Jid.ToString(), room.Name))];

    /// <summary>The rooms of a service by address; null in the place of one that is hidden from who asks.</summary>
    public async ValueTask<IReadOnlyCollection<ListedRoom?>> AllAsync(string service, Jid asking, CancellationToken ct)
    {
        var rooms = new SortedDictionary<string, ListedRoom?>(StringComparer.Ordinal);
        foreach (var key in (await host.Rooms.AllAsync(ct)).Where(key => key.EndsWith("@" + service, StringComparison.Ordinal)))
        {
            rooms[key] = await DescribeAsync(key, asking, ct);
        }

        foreach (var room in await host.Store.ListAsync(service, ct))
        {
            if (!rooms.ContainsKey(room.Jid.ToString()))
            {
                var isSeen = room.IsPublic || host.PolicyOf(service).IsAdmin(asking);
                var title = room.Title.Length > 0 ? room.Title : room.Jid.Local!;
                rooms[room.Jid.ToString()] = isSeen ? new ListedRoom(room.Jid, title, title, !room.IsPublic, 0) : null;
            }
        }

        return rooms.Values;
    }

    private async ValueTask<ListedRoom?> DescribeAsync(string key, Jid asking, CancellationToken ct)
    {
        try
        {
            var asked = host.Rooms.AskAsync(key, new RoomCommand(RoomCommandKind.List) { Who = asking }, ct);
            var reply = asked.IsCompletedSuccessfully ? asked.Result : await asked.AsTask().WaitAsync(s_patience, host.Time, ct);
            return reply.Payload is { } item ? ListedRoom.Read(item) : null;
        }
        catch (Exception failure) when (failure is TimeoutException or PlacementBusyException)
        {
            return null; // skipped: who asks does not wait for a room that is busy
        }
    }

    private async ValueTask<Stanza> AnswerAsync(Iq iq, CancellationToken ct)
    {
        if (iq.Payload is not { } payload)
        {
            return Error(iq, StanzaError.BadRequest());
        }

        var service = iq.To!.Bare;
        return (payload.Name, payload.Namespace, iq.Type) switch
        {
            ("query", Ns.DiscoInfo or Ns.DiscoItems, IqType.Set) => Error(iq, StanzaError.NotAllowed()),
            ("query", Ns.DiscoInfo or Ns.DiscoItems, _) when payload.Attribute("node") is { Length: > 0 } => Error(iq, StanzaError.ItemNotFound()),
            ("query", Ns.DiscoInfo, _) => Iq.Result(iq, (await InfoAsync(service, ct)).ToXml()),
            ("query", Ns.DiscoItems, _) => await ItemsAsync(iq, payload, ct),
            ("unique" or "query", Ns.MucUnique, IqType.Get) => Iq.Result(iq, new XmlBuilder("unique", Ns.MucUnique).Text(Core.Streams.RandomId.Create()).Build()),
            ("vCard", Ns.VCard, IqType.Get) => Iq.Result(iq, new XmlBuilder("vCard", Ns.VCard).Element("FN", "Chatrooms").Element("URL", $"xmpp:{service}").Element("DESC", "Chat rooms of this server").Build()),
            ("query", Ns.Register, _) => await NickRegistration.HandleAsync(host.Store, iq, payload, ct),
            ("ping", Ns.Ping, IqType.Get) => Iq.Result(iq, null),
            _ => Error(iq, StanzaError.FeatureNotImplemented()),
        };
    }

    // MUC-011
    private async ValueTask<DiscoInfo> InfoAsync(BareJid service, CancellationToken ct)
    {
        string[] features = [Ns.DiscoInfo, Ns.DiscoItems, Ns.Muc, Ns.MucUnique, Ns.Register, Ns.ResultSet, Ns.VCard, Ns.Conference, Ns.OccupantId, Ns.Ping, .. await host.FeaturesAsync(service, ct)];
        return new DiscoInfo([new DiscoIdentity("conference", "text", "Chatrooms")], [.. features.Distinct().Order(StringComparer.Ordinal)])
        {
            Forms = disco?.ContactAddresses("mod_muc") is { } form ? [form] : [],
        };
    }

    private async ValueTask<Stanza> ItemsAsync(Iq iq, XmlElement query, CancellationToken ct)
    {
        var rooms = await RoomsAsync(iq.To!.Domain, iq.From!, ct);
        if (query.Child("set", Ns.ResultSet) is not { } set)
        {
            return Iq.Result(iq, DiscoItem.ToXml(rooms));
        }

        if (!ResultSetRequest.TryRead(set, out var request))
        {
            return Error(iq, StanzaError.BadRequest());
        }

        return ResultSetPage.TryCut(rooms, request, room => room.Jid, out var page, out var told)
            ? Iq.Result(iq, DiscoItem.ToXml(page).With(told.ToXml()))
            : Error(iq, StanzaError.ItemNotFound());
    }

    // MUC-014
    private async ValueTask SpeakAsync(Message message, CancellationToken ct)
    {
        var service = message.To!.Domain;
        if (!host.PolicyOf(service).IsAdmin(message.From!))
        {
            await host.Host.Server.Router.ReplyErrorAsync(message, StanzaError.Forbidden(), ct);
            return;
        }

        if (message.Element.Child("body") is not { } body)
        {
            return;
        }

        var said = Message.Create(MessageType.Groupchat, message.To, message.To, message.Id, body);
        foreach (var key in (await host.Rooms.AllAsync(ct)).Where(key => key.EndsWith("@" + service, StringComparison.Ordinal)))
        {
            host.Rooms.TryPost(key, new RoomCommand(RoomCommandKind.Speak) { Stanza = said });
        }
    }

    private static Stanza Error(Iq iq, StanzaError error) => StanzaReplies.ErrorFor(iq, error)!;
}
