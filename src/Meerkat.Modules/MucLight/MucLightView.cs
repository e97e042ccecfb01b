using Meerkat.Core.Hooks;
using Meerkat.Xmpp;

namespace Meerkat.Modules.MucLight;

/// <summary>A room as archives, inboxes and markers see it.</summary>
internal sealed class MucLightView(MucLightRoom room) : IRoom
{
    /// <inheritdoc/>
    public BareJid Jid => room.Jid;

    /// <inheritdoc/>
    public RoomKind Kind => RoomKind.MucLight;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyCollection<BareJid>> MembersAsync(CancellationToken ct) => new(Members(room));

    public static IReadOnlyCollection<BareJid> Members(MucLightRoom room) => [.. room.Occupants.Select(occupant => occupant.Jid)];
}
