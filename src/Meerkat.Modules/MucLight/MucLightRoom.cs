using System.Collections.Immutable;
using Meerkat.Xmpp;

namespace Meerkat.Modules.MucLight;

/// <summary>A room: all that is known of it. Immutable and safe for concurrent use.</summary>
/// <param name="Jid">Its address.</param>
/// <param name="Version">Changes with every change (MUL-021); what a store compares before it writes.</param>
/// <param name="Configuration">Values by internal key, in the order of the keys; keys that the schema no longer has may be among them.</param>
/// <param name="Occupants">Who is in it.</param>
public sealed record MucLightRoom(BareJid Jid, string Version, ImmutableSortedDictionary<string, string> Configuration, OccupantList Occupants)
{
    /// <summary>Internal key of the room's name (MUL-060).</summary>
    public const string NameKey = "roomname";

    /// <summary>Internal key of the subject, which every occupant may change (MUL-021).</summary>
    public const string SubjectKey = "subject";

    /// <summary>Internal key by which a room says for itself whether members may configure it (MUL-060).</summary>
    public const string AllCanConfigureKey = "all_can_configure";

    /// <summary>Internal key by which a room says for itself whether members may invite (MUL-060).</summary>
    public const string AllCanInviteKey = "all_can_invite";

    /// <summary>A configuration without values, whose keys are compared by their characters.</summary>
    public static readonly ImmutableSortedDictionary<string, string> NoConfiguration = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>The name that people see: the configured one, or the localpart where the schema has none.</summary>
    public string Name => NameIn(Configuration, Jid);

    /// <summary>The subject; null where the schema has none.</summary>
    public string? Subject => Configuration.GetValueOrDefault(SubjectKey);

    /// <summary>The name that people see of a room with a configuration.</summary>
    public static string NameIn(ImmutableSortedDictionary<string, string> configuration, BareJid room) =>
        configuration.GetValueOrDefault(NameKey) is { Length: > 0 } name ? name : room.Local!;
}

/// <summary>A room that somebody is in, as lists show it.</summary>
/// <param name="Room">Its address.</param>
/// <param name="Version">Its version.</param>
/// <param name="Configuration">Values by internal key.</param>
/// <param name="Affiliation">What he is in it.</param>
public sealed record MucLightMembership(BareJid Room, string Version, ImmutableSortedDictionary<string, string> Configuration, MucLightAffiliation Affiliation)
{
    /// <summary>The name that people see.</summary>
    public string Name => MucLightRoom.NameIn(Configuration, Room);
}

/// <summary>A room as administrators list it.</summary>
/// <param name="Room">Its address.</param>
/// <param name="Configuration">Values by internal key.</param>
/// <param name="Occupants">How many are in it.</param>
public sealed record MucLightSummary(BareJid Room, ImmutableSortedDictionary<string, string> Configuration, int Occupants);

/// <summary>A page of rooms.</summary>
/// <param name="Rooms">The rooms, by localpart.</param>
/// <param name="Count">How many there are on all pages.</param>
/// <param name="HasMore">Whether another page follows.</param>
public sealed record MucLightPage(IReadOnlyList<MucLightSummary> Rooms, int Count, bool HasMore);

/// <summary>What an account does not want to be drawn into: a room, or rooms by somebody (MUL-040).</summary>
/// <param name="IsRoom">Whether a room is meant (else a person).</param>
/// <param name="Jid">Its address.</param>
public readonly record struct MucLightBlock(bool IsRoom, BareJid Jid);
