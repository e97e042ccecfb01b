using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Meerkat.Core.Sessions;
using Meerkat.Core.Storage;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Cluster;

/// <summary>Brings what changes about this node's sessions to the authority and to those who hold copies: at once, or as soon as the authority is there. Safe for concurrent use.</summary>
/// <remarks>Many changes of one session that wait are one. Bounded by the sessions that there are, and by those that ended while the authority was away.</remarks>
internal sealed class SessionChanges(ClusterSessionDirectory directory, ISessionRegistry registry, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private const int AtOnce = 32;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<Session, bool> _changed = new();
    private readonly ConcurrentDictionary<SessionRecord, bool> _removed = new();
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Task _running = Task.CompletedTask;

    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>A session has changed.</summary>
    public void Add(Session session)
    {
        if (_changed.TryAdd(session, false))
        {
            _wake.Writer.TryWrite(true);
        }
    }

    /// <summary>The authority does not have a session that lives here.</summary>
    public void AddAgain(Session session)
    {
        _changed[session] = true;
        _wake.Writer.TryWrite(true);
    }

    /// <summary>A session has to be taken out, and nobody waits for it.</summary>
    public void Remove(SessionRecord session)
    {
        _removed[session] = true;
        _wake.Writer.TryWrite(true);
    }

    /// <summary>Takes a session out, now if that is possible.</summary>
    public async ValueTask RemoveAsync(SessionRecord session, TimeSpan patience)
    {
        try
        {
            await RemoveNowAsync(session).WaitAsync(patience, time);
        }
        catch (TimeoutException)
        {
            // It goes on, and nobody waits for it any more.
        }
    }

    /// <summary>Tells of a session's change now; where that fails, later.</summary>
    public async ValueTask PublishAsync(Session session, TimeSpan patience)
    {
        var again = _changed.TryRemove(session, out var isForgotten) && isForgotten;
        try
        {
            if (again)
            {
                ClusterMetrics.Asked("bind");
                var record = directory.ToRecord(session);
                var change = await registry.BindAsync(record, again: true, CancellationToken.None);
                await TellAsync(change, patience);
                if (!change.Now.Sessions.Any(record.IsSame))
                {
                    session.Replace(); // a younger one has its full JID, and nobody could tell it so
                }
                else if (!directory.Has(session))
                {
                    Remove(directory.ToRecord(session)); // it ended meanwhile, and its end may have come before this
                }

                return;
            }

            ClusterMetrics.Asked("update");
            await TellAsync(await registry.UpdateAsync(directory.ToRecord(session), CancellationToken.None).AsTask().WaitAsync(patience, time), patience);
        }
        catch (Exception failure) when (IsExpected(failure))
        {
            if (again)
            {
                AddAgain(session);
            }
            else
            {
                Add(session);
            }

            throw new StorageUnavailableException(failure.Message, failure);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _wake.Writer.TryComplete();
        await _running;
    }

    private static bool IsExpected(Exception failure) =>
        StorageFailure.IsExpected(failure) || failure is TimeoutException or NodeUnreachableException or NodeRefusedException;

    // What was changed is told, however long the answer took: nobody else would tell it.
    private async Task RemoveNowAsync(SessionRecord session)
    {
        try
        {
            ClusterMetrics.Asked("unbind");
            await TellAsync(await registry.UnbindAsync(session, CancellationToken.None), s_patience);
        }
        catch (Exception failure) when (IsExpected(failure))
        {
            Remove(session);
        }
    }

    private async ValueTask TellAsync(RegistryChange? change, TimeSpan patience)
    {
        if (change is not null)
        {
            directory.Learn(change.Now);
            await directory.TellAsync(change, patience);
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: it is logged and tried again.")]
    private async Task RunAsync()
    {
        while (await _wake.Reader.WaitToReadAsync())
        {
            _wake.Reader.TryRead(out _);
            try
            {
                await WriteAsync();
            }
            catch (Exception failure)
            {
                ClusterLog.RegistryAway(log, failure.Message);
                await Task.Delay(s_pause, time);
                _wake.Writer.TryWrite(true);
            }
        }
    }

    private async Task WriteAsync()
    {
        foreach (var part in _removed.Keys.ToArray().Chunk(AtOnce))
        {
            await Task.WhenAll(part.Select(async session =>
            {
                await TellAsync(await registry.UnbindAsync(session, CancellationToken.None), s_patience);
                _removed.TryRemove(session, out _);
            }));
        }

        foreach (var part in _changed.Keys.ToArray().Chunk(AtOnce))
        {
            await Task.WhenAll(part.Select(session => session.HasEnded ? Forget(session) : PublishAsync(session, s_patience).AsTask()));
        }

        Task Forget(Session session)
        {
            if (_changed.TryRemove(session, out var again) && again)
            {
                Remove(directory.ToRecord(session)); // an attempt that nobody knows the outcome of may have come behind its end
            }

            return Task.CompletedTask;
        }
    }
}
