namespace Meerkat.Modules.Tests.Muc.Model;

/// <summary>Looks for an order of commands, one after another, in which the plain room says to each client what it has heard, and ends as the room has ended.</summary>
/// <param name="commands">What each client has sent, in its order.</param>
/// <param name="heard">What each client has heard, in its order.</param>
/// <param name="end">How the room ended.</param>
/// <param name="mayVanish">Whether time has passed: an empty temporary room may have gone by itself.</param>
internal sealed class SerialOrder(Command[][] commands, IReadOnlyList<string>[] heard, string end, bool mayVanish)
{
    private readonly HashSet<string> _dead = [];
    private readonly List<Command> _found = [];

    /// <summary>How far the longest order came, when there is none that explains all.</summary>
    public string Longest { get; private set; } = "";

    private int _longest = -1;

    /// <returns>The order; null when there is none.</returns>
    public IReadOnlyList<Command>? Find(PlainRoom room, IReadOnlyList<int>? heardBefore = null) =>
        Search(room, new int[commands.Length], heardBefore?.ToArray() ?? new int[commands.Length]) ? _found : null;

    private bool Search(PlainRoom room, int[] sent, int[] known)
    {
        if (!_dead.Add($"{string.Join(',', sent)};{string.Join(',', known)};{room.Fingerprint}"))
        {
            return false;
        }

        var isDone = true;
        for (var client = 0; client < commands.Length; client++)
        {
            if (sent[client] == commands[client].Length)
            {
                continue;
            }

            isDone = false;
            var from = sent[client];
            foreach (var next in Next(commands[client], from))
            {
                foreach (var (after, words) in room.Apply(commands[client][next]))
                {
                    if (Follow(words, known) is not { } follows)
                    {
                        continue;
                    }

                    sent[client] = next + 1;
                    _found.Add(commands[client][next]);
                    if (Search(after, sent, follows))
                    {
                        return true;
                    }

                    _found.RemoveAt(_found.Count - 1);
                    sent[client] = from;
                }
            }
        }

        if (isDone && room.ToString() == end && Enumerable.Range(0, heard.Length).All(client => known[client] == heard[client].Count))
        {
            return true;
        }

        if (_found.Count > _longest)
        {
            _longest = _found.Count;
            Longest = $"{string.Join(" | ", _found)}\n  then {room}\n  heard but not said: {string.Join("; ", heard.Select((words, client) => string.Join(", ", words.Skip(known[client]).Take(2))))}";
        }

        return mayVanish && room.MayVanish && Search(room.Vanished(), sent, known);
    }

    // Of a client that has gone without a word nobody reads what it had sent last.
    private static IEnumerable<int> Next(Command[] own, int from) =>
        from < own.Length - 1 && own[^1] is { Kind: CommandKind.Disconnect, IsSilent: true } ? [from, own.Length - 1] : [from];

    // A client that has gone does not hear the end of what is said.
    private int[]? Follow(Heard said, int[] known)
    {
        int[] next = [.. known];
        foreach (var (to, words) in said.Groups)
        {
            var client = to.Number;
            var got = heard[client].Skip(next[client]).Take(words.Length).ToArray();
            var isGone = commands[client] is [.., { Kind: CommandKind.Disconnect }];
            if (got.Length < words.Length ? !isGone || got.Except(words).Any() : !IsSame(got, words))
            {
                return null;
            }

            next[client] += got.Length;
        }

        return next;
    }

    private static bool IsSame(string[] one, string[] other) =>
        one.Length == 1 ? one[0] == other[0] : one.Order(StringComparer.Ordinal).SequenceEqual(other.Order(StringComparer.Ordinal));
}
