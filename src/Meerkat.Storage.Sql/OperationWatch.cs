using System.Collections.Concurrent;
using System.Diagnostics;
using Meerkat.Core.Tracing;

namespace Meerkat.Storage.Sql;

/// <summary>One operation of a store, for metrics and traces; made only while somebody wants to know.</summary>
internal sealed class OperationWatch : IDisposable
{
    private static readonly ConcurrentDictionary<string, string> s_names = new(StringComparer.Ordinal);

    private readonly Activity? _span;
    private readonly string _store;
    private readonly string _operation;
    private readonly string _kind;
    private readonly long _began = Stopwatch.GetTimestamp();
    private bool _isDone;

    /// <summary>The operation begins.</summary>
    /// <param name="dialect">Which kind of database.</param>
    /// <param name="kind"><c>read</c> or <c>write</c>.</param>
    /// <param name="file">The file of the store's source.</param>
    /// <param name="operation">The store's method.</param>
    public OperationWatch(SqlDialect dialect, string kind, string file, string operation)
    {
        _store = s_names.GetOrAdd(file, NameOf);
        _operation = operation.EndsWith("Async", StringComparison.Ordinal) ? operation[..^"Async".Length] : operation;
        _kind = kind;
        _span = StanzaTrace.Start($"sql {kind}");
        _span?.SetTag("db.system.name", dialect.Name);
        _span?.SetTag("db.operation.name", _operation);
        _span?.SetTag("meerkat.store", _store);
    }

    /// <summary>Whether somebody wants to know.</summary>
    public static bool IsWanted => StorageMetrics.WatchesOperations || StanzaTrace.Current is not null;

    /// <summary>It went well.</summary>
    /// <returns>What it gave.</returns>
    public T Done<T>(T result)
    {
        _isDone = true;
        return result;
    }

    /// <summary>It has ended.</summary>
    public void Dispose()
    {
        if (_isDone)
        {
            StorageMetrics.Ran(_store, _operation, _kind, Stopwatch.GetElapsedTime(_began));
        }
        else
        {
            StorageMetrics.Failed(_store, _operation, _kind);
            _span?.SetStatus(ActivityStatusCode.Error);
        }

        _span?.Dispose();
    }

    // Of ".../SqlOfflineStore.cs" "OfflineStore".
    private static string NameOf(string file)
    {
        var name = file[(file.LastIndexOfAny(['/', '\\']) + 1)..];
        name = name.EndsWith(".cs", StringComparison.Ordinal) ? name[..^3] : name;
        return name.StartsWith("Sql", StringComparison.Ordinal) ? name[3..] : name;
    }
}
