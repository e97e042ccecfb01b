using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Finds out what a room's rules have to know for a stanza. Asks the store only where nicks are at stake, and only for those who may have a say: each question is a round trip, and the room waits for it.</summary>
internal sealed class RoomKnowledge(RoomHost host, IRoomPolicy policy, BareJid room)
{
    private static readonly IReadOnlyDictionary<string, BareJid> s_none = new Dictionary<string, BareJid>();

    private IReadOnlyList<string>? _features;

    /// <summary>What is known without asking anybody.</summary>
    public RoomWorld Plain() => new(host.Options, policy, host.Time.GetUtcNow());

    /// <summary>What is to be known for a stanza.</summary>
    /// <param name="state">The room; null when there is none yet.</param>
    /// <param name="stanza">The stanza.</param>
    /// <param name="order">When the sender's session was bound; 0 when that is not known.</param>
    /// <param name="ct">Cancels the questions.</param>
    public async ValueTask<RoomWorld> OfAsync(RoomState? state, Stanza stanza, long order, CancellationToken ct)
    {
        var world = Plain() with { Order = order };
        switch (stanza)
        {
            case Presence { Type: PresenceType.Available, To.Resource: { } nick } presence when state?.OfSession(presence.From!)?.Nick != nick:
                return world with { JoinedRooms = host.Visits.Count(presence.From!.Bare), NickOwners = await OwnersOfAsync([nick], ct) };
            case Iq { IsRequest: true, To.Resource: null, Payload: { } payload } iq:
                return await OfAsync(world, state, iq, payload, ct);
            case Message { Type: MessageType.Normal } message when IsAdmin(state, message.From!) && DataForm.Find(message.Element, DataFormType.Submit, Ns.MucRegister) is { } form:
                return world with { NickOwners = await OwnersOfAsync([form.ValueOf(RegistrationRules.NickField)], ct) };
            default:
                return world;
        }
    }

    private async ValueTask<RoomWorld> OfAsync(RoomWorld world, RoomState? state, Iq iq, XmlElement payload, CancellationToken ct) => payload.Namespace switch
    {
        Ns.DiscoInfo => world with
        {
            Features = _features ??= await host.FeaturesAsync(room.DomainJid, ct),
            OwnNick = payload.Attribute("node") is null ? null : await host.Store.NickOfAsync(room.Domain, iq.From!.Bare, ct),
        },
        Ns.MucAdmin when iq.Type is IqType.Set && IsAdmin(state, iq.From!) => world with
        {
            NickOwners = await OwnersOfAsync(payload.Children.Where(item => item.Attribute("jid") is not null).Select(item => item.Attribute("nick")), ct),
        },
        Ns.Register => world with
        {
            OwnNick = iq.Type is IqType.Get ? await host.Store.NickOfAsync(room.Domain, iq.From!.Bare, ct) : null,
            NickOwners = DataForm.Find(payload, DataFormType.Submit) is { } form ? await OwnersOfAsync([form.ValueOf(RegistrationRules.NickField)], ct) : s_none,
        },
        _ => world,
    };

    private bool IsAdmin(RoomState? state, Jid user) => policy.IsAdmin(user) || state?.Affiliations.Of(user) >= Affiliation.Admin;

    // By the nick as a resource: what looks the same is the same (MUC-015).
    private async ValueTask<IReadOnlyDictionary<string, BareJid>> OwnersOfAsync(IEnumerable<string?> nicks, CancellationToken ct)
    {
        Dictionary<string, BareJid>? owners = null;
        foreach (var nick in nicks.OfType<string>().Select(nick => FullJid.TryCreate(room, nick, out var address) ? address.Resource : null).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            if (await host.Store.NickOwnerAsync(room.Domain, nick, ct) is { } owner)
            {
                (owners ??= new Dictionary<string, BareJid>(StringComparer.Ordinal))[nick] = owner;
            }
        }

        return owners ?? s_none;
    }
}
