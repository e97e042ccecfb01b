using System.Runtime.CompilerServices;
using Meerkat.Xmpp;

namespace Meerkat.Core.Sessions;

/// <summary>The reference of <see cref="ISessionTable"/>, in memory.</summary>
public sealed class MemorySessionTable : ISessionTable
{
    private readonly Lock _gate = new();
    private readonly HashSet<SessionEntry> _entries = [];

    /// <inheritdoc/>
    public event Action? Returned
    {
        add { }
        remove { } // it never goes away
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(IReadOnlyList<SessionEntry> added, IReadOnlyList<SessionEntry> removed, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        lock (_gate)
        {
            _entries.UnionWith(added);
            _entries.ExceptWith(removed);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SessionEntry>> FindAsync(BareJid account, CancellationToken ct) => new(Where(entry => entry.Jid.Bare.Equals(account)));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SessionEntry>> FindAsync(FullJid jid, CancellationToken ct) => new(Where(entry => entry.Jid.Equals(jid)));

    /// <inheritdoc/>
    public async IAsyncEnumerable<SessionEntry> OfNodeAsync(string node, [EnumeratorCancellation] CancellationToken ct)
    {
        await Task.CompletedTask;
        foreach (var entry in Where(entry => entry.Node == node))
        {
            yield return entry;
        }
    }

    private SessionEntry[] Where(Func<SessionEntry, bool> condition)
    {
        lock (_gate)
        {
            return [.. _entries.Where(condition)];
        }
    }
}
