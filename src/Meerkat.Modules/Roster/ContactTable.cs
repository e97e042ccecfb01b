using Meerkat.Xmpp;

namespace Meerkat.Modules.Roster;

/// <summary>The contacts of an account with what they may see: what presence needs of a roster, and nothing else. Immutable.</summary>
/// <remarks>
/// 13 bytes a contact: sorted hashes, addresses that all tables share, and a byte of state. Names and groups stay in the store, where the few who ask for them find
/// them. A change makes a new table, so that a broadcast goes through one without a lock.
/// </remarks>
public sealed class ContactTable
{
    /// <summary>Of an account without contacts.</summary>
    public static readonly ContactTable Empty = new([], [], []);

    private readonly int[] _hashes;
    private readonly Jid[] _contacts;
    private readonly SubscriptionState[] _states;

    private ContactTable(int[] hashes, Jid[] contacts, SubscriptionState[] states)
    {
        _hashes = hashes;
        _contacts = contacts;
        _states = states;
        foreach (var state in states)
        {
            HasRequests |= (state & SubscriptionState.PendingIn) != 0;
        }
    }

    /// <summary>How many items the roster has, hidden ones too.</summary>
    public int Count => _contacts.Length;

    /// <summary>Whether a contact waits for an answer to a request.</summary>
    public bool HasRequests { get; }

    /// <summary>The contact at a position, in no order that means anything.</summary>
    public Jid this[int index] => _contacts[index];

    /// <summary>The state of the contact at a position.</summary>
    public SubscriptionState StateAt(int index) => _states[index];

    /// <summary>A table of items.</summary>
    public static ContactTable Of(IReadOnlyList<RosterItem> items)
    {
        if (items.Count == 0)
        {
            return Empty;
        }

        var contacts = new Jid[items.Count];
        var states = new SubscriptionState[items.Count];
        var hashes = new int[items.Count];
        var order = new int[items.Count];
        for (var i = 0; i < order.Length; i++)
        {
            hashes[i] = items[i].Contact.GetHashCode();
            order[i] = i;
        }

        Array.Sort(hashes, order);
        for (var i = 0; i < order.Length; i++)
        {
            contacts[i] = SharedJids.Share(items[order[i]].Contact);
            states[i] = items[order[i]].State;
        }

        return new ContactTable(hashes, contacts, states);
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
            return new ContactTable(_hashes, _contacts, states);
        }

        var hash = contact.GetHashCode();
        var at = Array.BinarySearch(_hashes, hash);
        at = at < 0 ? ~at : at;
        return new ContactTable(Insert(_hashes, at, hash), Insert(_contacts, at, SharedJids.Share(contact)), Insert(_states, at, state));
    }

    /// <summary>The table without a contact.</summary>
    public ContactTable Without(Jid contact)
    {
        var index = IndexOf(contact);
        return index < 0 ? this : new ContactTable(RemoveAt(_hashes, index), RemoveAt(_contacts, index), RemoveAt(_states, index));
    }

    private static T[] Insert<T>(T[] array, int at, T item) => [.. array.AsSpan(0, at), item, .. array.AsSpan(at)];

    private static T[] RemoveAt<T>(T[] array, int at) => [.. array.AsSpan(0, at), .. array.AsSpan(at + 1)];

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
            if (_contacts[found].Equals(contact))
            {
                return found;
            }
        }

        return -1;
    }
}
