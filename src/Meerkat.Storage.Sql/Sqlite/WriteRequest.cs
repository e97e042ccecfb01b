namespace Meerkat.Storage.Sql.Sqlite;

/// <summary>One caller's write on its way through the queue.</summary>
internal abstract class WriteRequest
{
    /// <summary>Why the operation did not happen; null while it has not failed.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Runs the operation to its end on the writer's thread.</summary>
    public abstract void Run(SqlSession session);

    /// <summary>Tells the caller how it went. After the commit, never before.</summary>
    public abstract void Complete();
}

/// <inheritdoc cref="WriteRequest"/>
internal sealed class WriteRequest<T>(Func<SqlSession, ValueTask<T>> operation) : WriteRequest
{
    // Callers go on elsewhere: the writer's thread is for writing.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    public Task<T> Task => _completion.Task;

    public override void Run(SqlSession session)
    {
        // Microsoft.Data.Sqlite is synchronous, so a session's queries have ended when they return. If an operation does await something else, everybody waits with it.
        var running = operation(session);
        _result = running.IsCompleted ? running.GetAwaiter().GetResult() : running.AsTask().GetAwaiter().GetResult();
    }

    public override void Complete()
    {
        if (Failure is null)
        {
            _completion.SetResult(_result);
        }
        else
        {
            _completion.SetException(Failure);
        }
    }
}
