using System.Collections.Concurrent;
using Meerkat.Xmpp;

namespace Meerkat.Core.Routing;

/// <summary>IQ requests that the server itself sent and that wait for an answer (CORE-147). Safe for concurrent use.</summary>
/// <param name="time">The clock.</param>
public sealed class IqTracker(TimeProvider time)
{
    /// <summary>How long an answer may take unless the feature says otherwise (CORE-147).</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(32);

    private readonly ConcurrentDictionary<string, (Jid Peer, TaskCompletionSource<Iq?> Answer)> _waiting = new(StringComparer.Ordinal);

    /// <summary>Sends a request and waits for its answer.</summary>
    /// <param name="request">The request, with an id of <see cref="NewId"/>.</param>
    /// <param name="send">Sends it.</param>
    /// <param name="timeout">How long the answer may take.</param>
    /// <param name="ct">Cancels the wait.</param>
    /// <returns>The result or error; null when none came in time.</returns>
    public async Task<Iq?> AskAsync(Iq request, Func<Iq, ValueTask> send, TimeSpan timeout, CancellationToken ct)
    {
        var id = request.Id ?? throw new ArgumentException("a request needs an id", nameof(request));
        var answer = new TaskCompletionSource<Iq?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = (request.To!, answer);
        try
        {
            await send(request);
            return await answer.Task.WaitAsync(timeout, time, ct);
        }
        catch (TimeoutException)
        {
            return answer.Task.IsCompletedSuccessfully ? await answer.Task : null; // it came in time, and waits for a thread
        }
        finally
        {
            _waiting.TryRemove(id, out _);
        }
    }

    /// <summary>An id that nobody can guess.</summary>
    public static string NewId() => Streams.RandomId.Create();

    /// <summary>An answer came.</summary>
    /// <returns>Whether somebody waited for it: by id, and only from the peer that was asked.</returns>
    public bool TryComplete(Iq answer) =>
        answer.Id is { } id && _waiting.TryGetValue(id, out var waiting) && waiting.Peer.Equals(answer.From) && waiting.Answer.TrySetResult(answer);
}
