using System.Collections.Immutable;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>A message of a room's history.</summary>
/// <param name="Message">The message as it was broadcast: from <c>room/nick</c>, without <c>to</c>.</param>
/// <param name="Sent">When.</param>
/// <param name="Sender">Who sent it, by its real address; the room itself where nobody did.</param>
internal sealed record HistoryItem(Message Message, DateTimeOffset Sent, Jid Sender)
{
    /// <summary>What it counts against <c>maxchars</c> (MUC-031): the stanza's bytes, the nick's length and one.</summary>
    public int Size => Message.Element.Raw.Length + (Message.From?.Resource?.Length ?? 0) + 1;

    public bool HasSubject => Message.Element.Child("subject") is not null;
}

/// <summary>The last messages of a room (MUC-030). Immutable.</summary>
internal sealed class RoomHistory
{
    public static readonly RoomHistory Empty = new([], 0);

    private readonly ImmutableQueue<HistoryItem> _items;

    private RoomHistory(ImmutableQueue<HistoryItem> items, int count)
    {
        _items = items;
        Count = count;
    }

    public int Count { get; }

    /// <summary>Oldest first.</summary>
    public IEnumerable<HistoryItem> Items => _items;

    public RoomHistory Add(HistoryItem item, int max)
    {
        if (max == 0)
        {
            return Empty;
        }

        var items = _items.Enqueue(item);
        var count = Count + 1;
        for (; count > max; count--)
        {
            items = items.Dequeue();
        }

        return new RoomHistory(items, count);
    }

    /// <summary>With one message in the place of another (XEP-0425 §4); the same history when it is not there.</summary>
    public RoomHistory Replace(long id, Func<Message, Message> by)
    {
        var found = false;
        var items = ImmutableQueue<HistoryItem>.Empty;
        foreach (var item in _items)
        {
            var hit = item.Message.StableId == id;
            found |= hit;
            items = items.Enqueue(hit ? item with { Message = by(item.Message) } : item);
        }

        return found ? new RoomHistory(items, Count) : this;
    }

    public HistoryItem? Find(long id) => _items.FirstOrDefault(item => item.Message.StableId == id);
}

/// <summary>What a newcomer wants of the history (XEP-0045 §7.2.14); null for no limit.</summary>
internal sealed record HistoryRequest(int? MaxChars, int? MaxStanzas, int? Seconds, DateTimeOffset? Since)
{
    public static readonly HistoryRequest All = new(null, null, null, null);

    /// <summary>The messages that fit all limits, oldest first (MUC-031).</summary>
    public IReadOnlyList<HistoryItem> Cut(RoomHistory history, DateTimeOffset now)
    {
        var since = Since;
        if (Seconds is { } seconds && now.AddSeconds(-(double)seconds) is var earliest && (since is null || earliest > since))
        {
            since = earliest;
        }

        var found = new List<HistoryItem>();
        long chars = 0;
        foreach (var item in history.Items.Reverse())
        {
            chars += item.Size;
            if ((MaxStanzas is { } stanzas && found.Count >= stanzas) || chars > (MaxChars ?? long.MaxValue) || (since is { } from && item.Sent < from))
            {
                break;
            }

            found.Add(item);
        }

        found.Reverse();
        return found;
    }
}
