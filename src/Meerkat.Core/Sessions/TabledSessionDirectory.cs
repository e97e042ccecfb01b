using System.Collections.Concurrent;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Sessions;

/// <summary>The directory of a node whose sessions are written into a table too (CONF-057). Look-ups never ask the table: what lives here answers, at the same cost as without one.</summary>
/// <remarks>
/// <para>A bind of a new address completes when the table has it, and fails when the table does not take it (OPS-212). A bind of an address that is bound here already, as a resumption is, changes
/// nothing that others would go by: it does not wait, and neither does an end.</para>
/// <para>What does not wait is written behind by a <see cref="SessionTableWriter"/>, which also takes away what a run of this node before a crash has left, and writes everything again when the table was away.</para>
/// </remarks>
public sealed class TabledSessionDirectory : ISessionDirectory, IAsyncDisposable
{
    private readonly LocalSessionDirectory _local = new();
    private readonly ConcurrentDictionary<SessionEntry, bool> _binding = new();
    private readonly ISessionTable _table;
    private readonly SessionTableWriter _writer;

    /// <summary>Nothing is read or written before <see cref="StartAsync"/>.</summary>
    /// <param name="table">The table.</param>
    /// <param name="node">This node. The same after a restart, and no other node's: what the table has of it and is not bound here is taken away.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Told when the table goes and comes.</param>
    public TabledSessionDirectory(ISessionTable table, string node, TimeProvider time, ILogger<TabledSessionDirectory> log)
    {
        Node = node;
        _table = table;
        _writer = new SessionTableWriter(table, node, IsWanted, Entries, time, log);
    }

    /// <summary>What this node is called in the table.</summary>
    public string Node { get; }

    /// <inheritdoc/>
    public int Count => _local.Count;

    /// <inheritdoc/>
    public IEnumerable<Session> Local => _local.Local;

    /// <summary>Takes away what is left of this node's last run, if it did not end in order.</summary>
    /// <param name="patience">How long to wait for a table that cannot be reached; after that it is done as soon as it can be.</param>
    /// <param name="ct">Ends the wait.</param>
    public Task StartAsync(TimeSpan patience, CancellationToken ct) => _writer.StartAsync(patience, ct);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<IBoundSession>> FindAsync(BareJid account, CancellationToken ct) => _local.FindAsync(account, ct);

    /// <inheritdoc/>
    public ValueTask<IBoundSession?> FindAsync(FullJid jid, CancellationToken ct) => _local.FindAsync(jid, ct);

    /// <inheritdoc/>
    /// <exception cref="StorageUnavailableException">The address is new, and the table did not take it in time.</exception>
    /// <exception cref="StorageBusyException">The address is new, and too many wait for the table.</exception>
    public async ValueTask<IBoundSession?> BindAsync(Session session, CancellationToken ct)
    {
        var entry = EntryOf(session);
        if (_local.Find(session.Jid) is null)
        {
            _binding[entry] = true;
            try
            {
                await _table.WriteAsync([entry], [], ct);
                return await BindHereAsync(session, ct);
            }
            catch
            {
                _binding.TryRemove(entry, out _);
                _writer.Remove(entry); // nobody knows whether it was written
                throw;
            }
            finally
            {
                _binding.TryRemove(entry, out _);
            }
        }

        var replaced = await BindHereAsync(session, ct);
        _writer.Add(entry);
        return replaced;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> UnbindAsync(Session session, CancellationToken ct)
    {
        if (!await _local.UnbindAsync(session, ct))
        {
            return false;
        }

        _writer.Remove(EntryOf(session));
        return true;
    }

    /// <summary>Writes what waits, for a while at most, and stops.</summary>
    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private async ValueTask<IBoundSession?> BindHereAsync(Session session, CancellationToken ct)
    {
        var replaced = await _local.BindAsync(session, ct);
        if (replaced is Session old)
        {
            _writer.Remove(EntryOf(old));
        }

        return replaced;
    }

    private bool IsWanted(SessionEntry entry) =>
        _binding.ContainsKey(entry) || (_local.Find(entry.Jid) is { } session && EntryOf(session) == entry);

    private IEnumerable<SessionEntry> Entries() => _local.Local.Select(EntryOf);

    // Its moment tells it from what was before a restart, its number from the others of this run.
    private SessionEntry EntryOf(Session session) => new(session.Jid, Node, $"{session.Opened.UtcTicks:x16}-{session.Order:x16}");
}
