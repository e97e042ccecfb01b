using Meerkat.Core.Storage;

namespace Meerkat.Modules.MucLight;

/// <summary>What light rooms keep of an account, as personal data: the same tables whatever the store.</summary>
public static class MucLightExport
{
    /// <summary>The sections <c>muc_light_rooms</c> and <c>muc_light_blocking</c>; empty ones are left out.</summary>
    public static IEnumerable<PersonalDataSection> Sections(IReadOnlyList<MucLightMembership> rooms, IReadOnlyList<MucLightBlock> blocking)
    {
        if (rooms.Count > 0)
        {
            yield return new("muc_light_rooms", ["room", "affiliation"], [.. rooms.Select(room => (IReadOnlyList<string>)[room.Room.ToString(), new MucLightOccupant(room.Room, room.Affiliation).Word])]);
        }

        if (blocking.Count > 0)
        {
            yield return new("muc_light_blocking", ["type", "jid"], [.. blocking.Select(block => (IReadOnlyList<string>)[block.IsRoom ? "room" : "user", block.Jid.ToString()])]);
        }
    }
}
