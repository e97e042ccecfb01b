using System.Collections.Immutable;

namespace Meerkat.Modules.MucLight;

/// <summary>What is allowed in one room: the module's options, and the room's own settings where its schema has them (MUL-060). Immutable.</summary>
/// <param name="AllCanConfigure">Whether members may change the configuration.</param>
/// <param name="AllCanInvite">Whether members may add members.</param>
/// <param name="MaxOccupants">The most occupants; null for no limit.</param>
/// <param name="EqualOccupants">Whether rooms have no owners.</param>
/// <param name="AllowMultipleOwners">Whether a room may have several owners.</param>
/// <param name="PromoteOnLastOwnerLeave">Whether a member becomes owner when the last one goes.</param>
internal sealed record RoomPolicy(
    bool AllCanConfigure,
    bool AllCanInvite,
    int? MaxOccupants,
    bool EqualOccupants,
    bool AllowMultipleOwners,
    bool PromoteOnLastOwnerLeave)
{
    public static RoomPolicy Of(MucLightOptions options) => new(
        options.AllCanConfigure,
        options.AllCanInvite,
        options.MaxOccupants,
        options.EqualOccupants,
        options.AllowMultipleOwners,
        options.PromoteOnLastOwnerLeave);

    /// <summary>The policy of a room with a configuration.</summary>
    public RoomPolicy For(ImmutableSortedDictionary<string, string> configuration) => this with
    {
        AllCanConfigure = Read(configuration, MucLightRoom.AllCanConfigureKey) ?? AllCanConfigure,
        AllCanInvite = Read(configuration, MucLightRoom.AllCanInviteKey) ?? AllCanInvite,
    };

    // MUL-061. A field of that name which is no boolean means nothing here.
    private static bool? Read(ImmutableSortedDictionary<string, string> configuration, string key) => configuration.GetValueOrDefault(key) switch
    {
        "true" => true,
        "false" => false,
        _ => null,
    };
}
