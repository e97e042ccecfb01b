using Meerkat.Xmpp;

namespace Meerkat.Modules.Roster;

/// <summary>The contacts of an account with what they may see: what presence needs of a roster, and nothing else. Immutable.</summary>
/// <remarks>
/// Ten bytes a contact beside its address: everything lies in four arrays, because two hundred objects for each account that is there would be most of the server's
/// memory. Names and groups stay in the store, where the few who ask for them find them. A change makes a new table, so that a broadcast goes through one without a lock.
/// </remarks>
public sealed class ContactTable
{
    /// <summary>Of an account without contacts.</summary>
    public static readonly ContactTable Empty = new([], [], [], []);

    private readonly int[] _hashes; // sorted
    private readonly int[] _ends; // where each address ends in the text; it begins where the one before ends
    private readonly byte[] _text;
    private readonly SubscriptionState[] _states;

    private ContactTable(int[] hashes, int[] ends, byte[] text, SubscriptionState[] states)
    {
        _hashes = hashes;
        _ends = ends;
        _text = text;
        _states = states;
        foreach (var state in states)
        {
            HasRequests |= (state & SubscriptionState.PendingIn) != 0;
        }
    }

    /// <summary>How many items the roster has, hidden ones too.</summary>
    public int Count => _states.Length;

    /// <summary>Whether a contact waits for an answer to a request.</summary>
    public bool HasRequests { get; }

    /// <summary>The contact at a position, in no order that means anything.</summary>
    public Jid this[int index] => SharedJids.Share(_hashes[index], AddressAt(index));

    /// <summary>The state of the contact at a position.</summary>
    public SubscriptionState StateAt(int index) => _states[index];

    /// <summary>A table of items.</summary>
    public static ContactTable Of(IReadOnlyList<RosterItem> items)
    {
        if (items.Count == 0)
        {
            return Empty;
        }

        var hashes = new int[items.Count];
        var order = new int[items.Count];
        var length = 0;
        for (var i = 0; i < order.Length; i++)
        {
            hashes[i] = items[i].Contact.GetHashCode();
            order[i] = i;
            length += items[i].Contact.Utf8.Length;
        }

        Array.Sort(hashes, order);
        var (ends, text, states) = (new int[order.Length], new byte[length], new SubscriptionState[order.Length]);
        var end = 0;
        for (var i = 0; i < order.Length; i++)
        {
            var item = items[order[i]];
            item.Contact.Utf8.CopyTo(text.AsSpan(end));
            end += item.Contact.Utf8.Length;
            ends[i] = end;
            states[i] = item.State;
        }

        return new ContactTable(hashes, ends, text, states);
    }

    /// <summary>The state of one address as it stands in the roster; none when it is not there.</summary>
    public SubscriptionState Find(Jid contact) => IndexOf(contact) is >= 0 and var index ? _states[index] : SubscriptionState.None;

    /// <summary>What holds for an entity: the state of its full JID where that is in the roster, else that of its bare JID.</summary>
    public SubscriptionState For(Jid entity)
    {
        var index = IndexOf(entity);
        if (index < 0 && entity is FullJid)
        {
            index = IndexOf(entity.Bare);
        }

        return index >= 0 ? _states[index] : SubscriptionState.None;
    }

    /// <summary>The table with another state for a contact.</summary>
    public ContactTable With(Jid contact, SubscriptionState state)
    {
        var index = IndexOf(contact);
        if (index >= 0)
        {
            var states = (SubscriptionState[])_states.Clone();
            states[index] = state;
            return new ContactTable(_hashes, _ends, _text, states);
        }

        var hash = contact.GetHashCode();
        var at = Array.BinarySearch(_hashes, hash);
        at = at < 0 ? ~at : at;
        var address = contact.Utf8;
        var start = StartOf(at);
        var ends = Insert(_ends, at, start);
        for (var i = at; i < ends.Length; i++)
        {
            ends[i] += address.Length;
        }

        return new ContactTable(Insert(_hashes, at, hash), ends, [.. _text.AsSpan(0, start), .. address, .. _text.AsSpan(start)], Insert(_states, at, state));
    }

    /// <summary>The table without a contact.</summary>
    public ContactTable Without(Jid contact)
    {
        var index = IndexOf(contact);
        if (index < 0)
        {
            return this;
        }

        var (start, length) = (StartOf(index), AddressAt(index).Length);
        var ends = RemoveAt(_ends, index);
        for (var i = index; i < ends.Length; i++)
        {
            ends[i] -= length;
        }

        return new ContactTable(RemoveAt(_hashes, index), ends, [.. _text.AsSpan(0, start), .. _text.AsSpan(start + length)], RemoveAt(_states, index));
    }

    private static T[] Insert<T>(T[] array, int at, T item) => [.. array.AsSpan(0, at), item, .. array.AsSpan(at)];

    private static T[] RemoveAt<T>(T[] array, int at) => [.. array.AsSpan(0, at), .. array.AsSpan(at + 1)];

    private int StartOf(int index) => index == 0 ? 0 : _ends[index - 1];

    private ReadOnlySpan<byte> AddressAt(int index) => _text.AsSpan(StartOf(index).._ends[index]);

    private int IndexOf(Jid contact)
    {
        var hash = contact.GetHashCode();
        var found = Array.BinarySearch(_hashes, hash);
        if (found < 0)
        {
            return -1;
        }

        // Equal hashes stand side by side, and the search finds any of them.
        while (found > 0 && _hashes[found - 1] == hash)
        {
            found--;
        }

        for (; found < _hashes.Length && _hashes[found] == hash; found++)
        {
            if (AddressAt(found).SequenceEqual(contact.Utf8))
            {
                return found;
            }
        }

        return -1;
    }
}
