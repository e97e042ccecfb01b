using Meerkat.Xmpp;

namespace Meerkat.Modules.Inbox;

/// <summary>A conversation in an account's inbox (INB-001).</summary>
/// <param name="Remote">With whom: a contact or a room.</param>
/// <param name="MessageId">The <c>id</c> of the last message; empty when it had none.</param>
/// <param name="Box">The box that it is in: one of <see cref="InboxBox"/>, or a configured one.</param>
/// <param name="Content">The last message in UTF-8, with its addresses.</param>
/// <param name="Timestamp">When that was sent: microseconds since 1970.</param>
/// <param name="MutedUntil">Until when it is muted: microseconds since 1970; 0 for not.</param>
/// <param name="Unread">How many messages have not been read.</param>
public sealed record InboxEntry(BareJid Remote, string MessageId, string Box, ReadOnlyMemory<byte> Content, long Timestamp, long MutedUntil, int Unread);

/// <summary>The boxes that are always there (INB-002).</summary>
public static class InboxBox
{
    /// <summary>Where a new conversation is.</summary>
    public const string Inbox = "inbox";

    /// <summary>Where a conversation is put that is over; a new message takes it back.</summary>
    public const string Archive = "archive";

    /// <summary>Where a conversation waits for its end.</summary>
    public const string Bin = "bin";

    /// <summary>In queries: every box, the bin too.</summary>
    public const string All = "all";
}

/// <summary>What becomes of a conversation.</summary>
public enum InboxChangeKind
{
    /// <summary>A message: it is shown, and the unread count is set.</summary>
    Write,

    /// <summary>A message: it is shown, and added to the unread count.</summary>
    Increment,

    /// <summary>It was read.</summary>
    Reset,

    /// <summary>It was read, if the message that the change names is its last.</summary>
    ResetOf,

    /// <summary>It goes.</summary>
    Remove,
}

/// <summary>A change of one conversation.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Timestamp">When, in microseconds since 1970. A message that is not newer than the one that is shown changes nothing.</param>
public sealed record InboxChange(InboxChangeKind Kind, long Timestamp)
{
    /// <summary>The <c>id</c> of the message, or of the message that was read; empty when there is none.</summary>
    public string MessageId { get; init; } = "";

    /// <summary>The message in UTF-8; for messages only.</summary>
    public ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>The unread count to set, or what is added to it.</summary>
    public int Count { get; init; }

    /// <summary>The box that it goes to; null: a new one to <see cref="InboxBox.Inbox"/>, one in <see cref="InboxBox.Archive"/> too, another one stays (INB-012).</summary>
    public string? Box { get; init; }
}

/// <summary>A change and whose conversation it is about.</summary>
/// <param name="Owner">The account.</param>
/// <param name="Remote">With whom.</param>
/// <param name="Change">What happens.</param>
public readonly record struct InboxTask(BareJid Owner, BareJid Remote, InboxChange Change);

/// <summary>What came of a change.</summary>
/// <param name="Entry">The conversation as it is now; null when there is none.</param>
/// <param name="BoxBefore">The box that it was in; null when there was none.</param>
public readonly record struct InboxOutcome(InboxEntry? Entry, string? BoxBefore)
{
    /// <summary>Whether a message took the conversation back from the archive (INB-018).</summary>
    public bool IsBack => BoxBefore == InboxBox.Archive && Entry?.Box == InboxBox.Inbox;
}
