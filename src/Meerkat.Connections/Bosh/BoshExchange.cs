namespace Meerkat.Connections.Bosh;

/// <summary>An HTTP request that waits for its answer.</summary>
internal sealed class BoshExchange
{
    // The one who answers goes on at once: he may be another client's sender.
    private readonly TaskCompletionSource<byte[]> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The answer, once it is there.</summary>
    public Task<byte[]> Answer => _answer.Task;

    /// <summary>Whether the client is gone: what is answered reaches nobody. The session's lock protects it.</summary>
    public bool IsLost { get; set; }

    /// <summary>Answers. Only the first answer counts.</summary>
    public void Complete(byte[] answer) => _answer.TrySetResult(answer);
}
