using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Joins of a room whose passwords are being judged elsewhere: the service is slow, or gone, and the room does not wait for it, but it waits for those who may come (MUC-025, MUC-051). Belongs to its room.</summary>
/// <param name="host">What all rooms share.</param>
/// <param name="room">The room.</param>
/// <param name="key">Its key, under which it hears the verdict.</param>
internal sealed class AwaitedJoins(RoomHost host, BareJid room, string key)
{
    private const int Most = 100;

    private int _count;

    /// <summary>Whether somebody is awaited.</summary>
    public bool Any => Volatile.Read(ref _count) > 0;

    /// <summary>Whether everybody has left meanwhile: the room ends if nobody of them comes.</summary>
    public bool IsKept { get; private set; }

    /// <summary>Asks about the password of a join; the room is told by a <see cref="RoomCommandKind.PasswordChecked"/>.</summary>
    /// <returns>False when too many are asked about already.</returns>
    public bool TryAsk(RoomPasswords passwords, Presence join, long order, string password)
    {
        if (Interlocked.Increment(ref _count) > Most)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }

        _ = AskAsync(passwords, join, order, password);
        return true;
    }

    /// <summary>The verdict on a join has come.</summary>
    public void Judged()
    {
        if (Any) // a room that was loaded anew meanwhile has asked nothing
        {
            Interlocked.Decrement(ref _count);
        }
    }

    /// <summary>The room has become another one; null when it has ended.</summary>
    public void Follow(RoomState before, RoomState? after) => IsKept = after is { Occupants.IsEmpty: true } && (IsKept || !before.Occupants.IsEmpty);

    private async Task AskAsync(RoomPasswords passwords, Presence join, long order, string password)
    {
        var verdict = await passwords.CheckAsync(join.From!, room, password);
        if (!host.Rooms.TryPost(key, new RoomCommand(RoomCommandKind.PasswordChecked) { Stanza = join, Order = order, Text = verdict.ToString() }))
        {
            Interlocked.Decrement(ref _count);
        }
    }
}
