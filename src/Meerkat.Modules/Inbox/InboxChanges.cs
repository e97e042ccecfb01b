namespace Meerkat.Modules.Inbox;

/// <summary>What a change makes of a conversation (INB-011 to INB-014), and what two changes come to (INB-041). Pure.</summary>
public static class InboxChanges
{
    /// <summary>The conversation after a change; null when there is none then.</summary>
    /// <param name="entry">The conversation; null when there is none.</param>
    /// <param name="task">The change.</param>
    public static InboxEntry? Apply(InboxEntry? entry, InboxTask task)
    {
        var change = task.Change;
        switch (change.Kind)
        {
            case InboxChangeKind.Remove:
                return null;
            case InboxChangeKind.Reset:
                return entry is not null && change.Timestamp >= entry.Timestamp ? entry with { Unread = 0 } : entry;
            case InboxChangeKind.ResetOf:
                return entry is not null && entry.MessageId == change.MessageId ? entry with { Unread = 0 } : entry;
        }

        if (entry is not null && change.Timestamp <= entry.Timestamp)
        {
            return entry;
        }

        var count = change.Kind is InboxChangeKind.Write ? change.Count : (entry?.Unread ?? 0) + change.Count;
        var box = change.Box ?? (entry is null or { Box: InboxBox.Archive } ? InboxBox.Inbox : entry.Box);
        return new InboxEntry(task.Remote, change.MessageId, box, change.Content, change.Timestamp, entry?.MutedUntil ?? 0, count);
    }

    /// <summary>What two changes of one conversation come to (INB-041).</summary>
    /// <param name="first">The earlier one.</param>
    /// <param name="then">The later one.</param>
    /// <returns>The change that does what both would do; null when only both do.</returns>
    public static InboxChange? Merge(InboxChange first, InboxChange then) => (first.Kind, then.Kind) switch
    {
        (InboxChangeKind.Write, InboxChangeKind.Remove) => first with { Box = InboxBox.Bin },
        (InboxChangeKind.Remove, InboxChangeKind.Write) => then with { Box = InboxBox.Bin },
        (_, InboxChangeKind.Remove) => then,
        (InboxChangeKind.Remove, InboxChangeKind.Reset or InboxChangeKind.ResetOf) => first,
        (InboxChangeKind.Reset, InboxChangeKind.ResetOf) => first,
        (InboxChangeKind.ResetOf, InboxChangeKind.ResetOf) when first.MessageId != then.MessageId => null, // either may be the one that is shown
        (InboxChangeKind.Reset or InboxChangeKind.ResetOf, InboxChangeKind.Reset or InboxChangeKind.ResetOf) => then,
        (InboxChangeKind.Reset, InboxChangeKind.Increment) => then with { Kind = InboxChangeKind.Write },
        (InboxChangeKind.ResetOf, InboxChangeKind.Increment) => null, // what is counted on depends on the message that is shown
        (InboxChangeKind.Write, InboxChangeKind.Reset) => first with { Count = 0 },
        (InboxChangeKind.Write, InboxChangeKind.ResetOf) => first.MessageId == then.MessageId ? first with { Count = 0 } : first,
        (InboxChangeKind.Increment, InboxChangeKind.ResetOf) => first.MessageId == then.MessageId ? first with { Kind = InboxChangeKind.Write, Count = 0 } : first,
        (InboxChangeKind.Increment, InboxChangeKind.Reset) => first with { Kind = InboxChangeKind.Write, Count = 0 },
        (InboxChangeKind.Write, InboxChangeKind.Increment) => then with { Kind = InboxChangeKind.Write, Count = first.Count + then.Count, Box = first.Box },
        (InboxChangeKind.Increment, InboxChangeKind.Increment) => then with { Count = first.Count + then.Count },
        _ => then,
    };
}
