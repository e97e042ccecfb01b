using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Routing;
using Meerkat.Modules.Disco;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.MucLight;

/// <summary>Service discovery: what the service and its rooms are, and in which rooms somebody is (MUL-002, MUL-003).</summary>
internal sealed class MucLightDisco(MucLightRooms rooms, IDisco? disco, HostType host)
{
    /// <summary>What the service calls itself.</summary>
    public const string ServiceName = "Light chat rooms";

    /// <summary>Answers a request to the service or to a room.</summary>
    /// <returns>Null when it is none of service discovery.</returns>
    public async ValueTask<IqReply?> AnswerAsync(Iq iq, XmlElement payload, CancellationToken ct)
    {
        if (payload.Name != "query" || payload.Namespace is not (Ns.DiscoInfo or Ns.DiscoItems))
        {
            return null;
        }

        if (iq.Type is IqType.Set)
        {
            return IqReply.Error(StanzaError.NotAllowed());
        }

        // The service is listed with a node; some clients ask with it.
        if (payload.Attribute("node") is { Length: > 0 } node && node != rooms.Codec.Namespace)
        {
            return IqReply.Error(StanzaError.ItemNotFound());
        }

        return payload.Namespace is Ns.DiscoInfo ? await InfoAsync(iq.To!.Bare, payload, ct)
            : iq.To!.Bare.HasLocal ? IqReply.Result(payload.WithChildren([]))
            : await ItemsAsync(iq, payload, ct);
    }

    // Of a room too, whether there is one or not: so nobody learns which rooms there are.
    private async ValueTask<IqReply> InfoAsync(BareJid entity, XmlElement query, CancellationToken ct)
    {
        var features = new RoomFeatures(host, entity.DomainJid);
        await host.Hooks.RunAsync(RoomHooks.Features, features, ct);
        var info = new DiscoInfo(
            [new DiscoIdentity("conference", "text", ServiceName)],
            [.. features.List.Concat([rooms.Codec.Namespace, Ns.DiscoInfo, Ns.DiscoItems]).Distinct().Order(StringComparer.Ordinal)])
        {
            Forms = !entity.HasLocal && disco?.ContactAddresses("mod_muc_light") is { } form ? [form] : [], // DSC-004: the service's, not the rooms'
        };
        return IqReply.Result(info.ToXml(query.Attribute("node")));
    }

    private async ValueTask<IqReply> ItemsAsync(Iq iq, XmlElement query, CancellationToken ct)
    {
        var asked = new ResultSetRequest();
        var set = query.Child("set", Ns.ResultSet);
        if (set is { } element && !ResultSetRequest.TryRead(element, out asked))
        {
            return IqReply.Error(StanzaError.BadRequest());
        }

        var all = await rooms.Store.ListAsync(iq.From!.Bare, iq.To!.Domain, ct);
        var limit = rooms.Options.RoomsPerPage;
        var page = asked! with { Max = limit is null ? asked.Max : Math.Min(asked.Max ?? int.MaxValue, limit.Value) };
        if ((page.Index is > 0 and var index && index >= all.Count) || !ResultSetPage.TryCut(all, page, room => room.Room.ToString(), out var shown, out var told))
        {
            return IqReply.Error(StanzaError.ItemNotFound());
        }

        var answer = new XmlBuilder("query", Ns.DiscoItems).Attribute("node", query.Attribute("node"));
        foreach (var room in shown)
        {
            answer.Start("item")
                .Attribute("jid", room.Room.ToString())
                .Attribute("name", room.Name)
                .Attribute("version", rooms.Options.LegacyMode ? null : room.Version) // MUL-075
                .End();
        }

        return IqReply.Result((set is null && limit is null ? answer : answer.Add(told.ToXml())).Build());
    }
}
