namespace Meerkat.Modules.Muc;

/// <summary>Something that happened in a room, for its log (MUC-110).</summary>
/// <param name="Kind">What.</param>
/// <param name="Nick">Who, by nick; empty for the room itself.</param>
/// <param name="Text">The text: reason, new nick, subject, body; empty for none.</param>
/// <param name="Code">The status code of a removal; 0 for none.</param>
internal readonly record struct RoomEvent(RoomEventKind Kind, string Nick = "", string Text = "", int Code = 0);

/// <summary>What can happen in a room.</summary>
internal enum RoomEventKind
{
    Created,
    Started,
    Stopped,
    Destroyed,
    Joined,
    Left,
    Removed,
    Renamed,
    Subject,
    Text,
    Configured,
}
