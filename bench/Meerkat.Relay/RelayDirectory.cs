using System.Collections.Concurrent;
using System.Text;

namespace Meerkat.Relay;

/// <summary>Localpart to connection. One session an account: the relay knows no resources.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class RelayDirectory
{
    private const int LongestLocalpart = 64;

    private readonly ConcurrentDictionary<string, RelayConnection> _byLocalpart = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RelayConnection[]> _rooms = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RelayConnection>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

    public RelayDirectory() => _bySpan = _byLocalpart.GetAlternateLookup<ReadOnlySpan<char>>();

    public void Add(string localpart, RelayConnection connection) => _byLocalpart[localpart] = connection;

    public void Remove(string localpart, RelayConnection connection) => _byLocalpart.TryRemove(new(localpart, connection));

    /// <summary>Takes a connection into a room.</summary>
    /// <returns>The room's name.</returns>
    public string Enter(ReadOnlySpan<byte> room, RelayConnection connection)
    {
        var name = Encoding.Latin1.GetString(room);
        _rooms.AddOrUpdate(name, [connection], (_, occupants) => [.. occupants, connection]);
        return name;
    }

    /// <summary>Takes a connection out of its room.</summary>
    public void Leave(string? room, RelayConnection connection)
    {
        if (room is not null)
        {
            _rooms.AddOrUpdate(room, [], (_, occupants) => [.. occupants.Where(other => other != connection)]);
        }
    }

    /// <returns>Who is in a room.</returns>
    public RelayConnection[] Room(ReadOnlySpan<byte> name) => _rooms.TryGetValue(Encoding.Latin1.GetString(name), out var occupants) ? occupants : [];

    /// <returns>Null when nobody of that name is connected.</returns>
    public RelayConnection? Find(ReadOnlySpan<byte> localpart)
    {
        if (localpart.Length > LongestLocalpart)
        {
            return null;
        }

        Span<char> text = stackalloc char[LongestLocalpart];
        var length = Encoding.Latin1.GetChars(localpart, text);
        return _bySpan.TryGetValue(text[..length], out var found) ? found : null;
    }
}
