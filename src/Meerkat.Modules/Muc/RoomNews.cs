using Meerkat.Core.Hooks;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>What others than its occupants learn of a room: modules by their hooks, and whoever observes rooms. Belongs to its room.</summary>
/// <param name="host">What all rooms share.</param>
/// <param name="room">The room.</param>
internal sealed class RoomNews(RoomHost host, Room room)
{
    /// <summary>A turn has been carried out.</summary>
    /// <param name="turn">What it came to.</param>
    /// <param name="before">The room as it was.</param>
    /// <param name="ct">Cancels the hooks.</param>
    public async ValueTask TellAsync(Turn turn, RoomState before, CancellationToken ct)
    {
        var hooks = host.Host.Hooks;
        foreach (var change in turn.Affiliations)
        {
            if (change.User is BareJid { HasLocal: true } account && MembershipOf(change) is { } membership)
            {
                await hooks.RunAsync(RoomHooks.MemberChanged, new RoomMemberChange(host.Host, room, account, membership, null), ct);
            }
        }

        if (turn.Forgets)
        {
            await hooks.RunAsync(RoomHooks.Gone, new RoomGone(host.Host, room.Jid, RoomKind.Muc, turn.State.Members), ct);
        }

        if (turn.Events.Count > 0)
        {
            host.Observer?.Invoke(before, turn.State, turn.Events);
        }

        if (turn.Ends)
        {
            MucMetrics.Online(-1);
            MucLog.Destroyed(host.Log, room.Jid);
        }
    }

    /// <summary>Asks the modules about a request that no rule of a room knows.</summary>
    /// <returns>What to say to who asked; null for nothing.</returns>
    public async ValueTask<Stanza?> AskAsync(Turn turn, Iq iq, bool mayRead, CancellationToken ct)
    {
        var affiliation = turn.AffiliationOf(iq.From!);
        var context = new RoomIqContext(host.Host, room, iq)
        {
            MayRead = mayRead,
            IsOwner = affiliation is Affiliation.Owner,
            SeesIdentities = !turn.Configuration.IsSemiAnonymous || turn.State.OfSession(iq.From!) is { Role: Role.Moderator } || affiliation >= Affiliation.Admin,
        };
        return await host.Host.Hooks.RunAsync(RoomHooks.Iq, context, ct) is HookResult.Stop ? context.Answer : StanzaReplies.ErrorFor(iq, StanzaError.FeatureNotImplemented());
    }

    private static RoomMembership? MembershipOf(AffiliationChange change) => change.After switch
    {
        Affiliation.Owner => RoomMembership.MadeOwner,
        >= Affiliation.Member when change.Before < Affiliation.Member => RoomMembership.Added,
        < Affiliation.Member when change.Before >= Affiliation.Member => RoomMembership.Removed,
        _ => null,
    };
}
