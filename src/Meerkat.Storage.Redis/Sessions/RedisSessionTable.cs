using System.Runtime.CompilerServices;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;
using StackExchange.Redis;

namespace Meerkat.Storage.Redis.Sessions;

/// <summary>The table of sessions in Redis (OPS-035): a set for each account, one for each full JID, and one for each node, all of the same members (<see cref="SessionKeys"/>).</summary>
/// <param name="pool">The server.</param>
public sealed class RedisSessionTable(RedisPool pool) : ISessionTable
{
    private const int PageOfScan = 1000;

    /// <inheritdoc/>
    public event Action? Returned
    {
        add => pool.Returned += value;
        remove => pool.Returned -= value;
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(IReadOnlyList<SessionEntry> added, IReadOnlyList<SessionEntry> removed, CancellationToken ct)
    {
        if (added.Count + removed.Count == 0)
        {
            return;
        }

        await pool.RunAsync(
            async redis =>
            {
                // MULTI and EXEC, in one go.
                var transaction = redis.CreateTransaction();
                var commands = new List<Task>(3 * (added.Count + removed.Count));
                foreach (var entry in added)
                {
                    var member = SessionKeys.Member(entry);
                    commands.Add(transaction.SetAddAsync(SessionKeys.OfAccount(entry.Jid.Bare), member));
                    commands.Add(transaction.SetAddAsync(SessionKeys.OfJid(entry.Jid), member));
                    commands.Add(transaction.SetAddAsync(SessionKeys.OfNode(entry.Node), member));
                }

                foreach (var entry in removed)
                {
                    var member = SessionKeys.Member(entry);
                    commands.Add(transaction.SetRemoveAsync(SessionKeys.OfAccount(entry.Jid.Bare), member));
                    commands.Add(transaction.SetRemoveAsync(SessionKeys.OfJid(entry.Jid), member));
                    commands.Add(transaction.SetRemoveAsync(SessionKeys.OfNode(entry.Node), member));
                }

                var done = transaction.ExecuteAsync();
                try
                {
                    await Task.WhenAll(commands.Append(done));
                }
                catch (TaskCanceledException) when (done.IsFaulted)
                {
                    await done; // what was refused as a whole cancels its parts
                }

                return true;
            },
            ct);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SessionEntry>> FindAsync(BareJid account, CancellationToken ct) => MembersAsync(SessionKeys.OfAccount(account), ct);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SessionEntry>> FindAsync(FullJid jid, CancellationToken ct) => MembersAsync(SessionKeys.OfJid(jid), ct);

    /// <inheritdoc/>
    public async IAsyncEnumerable<SessionEntry> OfNodeAsync(string node, [EnumeratorCancellation] CancellationToken ct)
    {
        // A scan may give a member twice.
        var told = new HashSet<string>(StringComparer.Ordinal);
        var cursor = "0";
        do
        {
            var page = await pool.RunAsync(redis => redis.ExecuteAsync("SSCAN", SessionKeys.OfNode(node), cursor, "COUNT", PageOfScan), ct);
            cursor = (string)page[0]!;
            foreach (var member in (string[])page[1]!)
            {
                if (told.Add(member) && SessionKeys.TryParse(member, out var entry))
                {
                    yield return entry;
                }
            }
        }
        while (cursor != "0");
    }

    private async ValueTask<IReadOnlyList<SessionEntry>> MembersAsync(RedisKey key, CancellationToken ct)
    {
        var members = await pool.RunAsync(redis => redis.SetMembersAsync(key), ct);
        var entries = new List<SessionEntry>(members.Length);
        foreach (var member in members)
        {
            if (SessionKeys.TryParse((string)member!, out var entry))
            {
                entries.Add(entry);
            }
        }

        return entries;
    }
}
