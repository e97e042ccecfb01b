namespace Meerkat.Core.Sessions;

/// <summary>Tells a client how many of its stanzas are handled, when it asks (CORE-210).</summary>
/// <remarks>At once, or, while something waits for a commit, as soon as that is durable (architecture §2). Requests that come while one waits are answered together. Safe for concurrent use.</remarks>
internal sealed class HandledReport(Watermark watermark, SessionOutput output, TimeProvider time)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private int _isWaiting;

    /// <summary>The client asks.</summary>
    public void Ask()
    {
        if (watermark.CaughtUpAsync() is { IsCompleted: false } durable)
        {
            if (Interlocked.Exchange(ref _isWaiting, 1) == 0)
            {
                _ = AnswerLaterAsync(durable);
            }

            return;
        }

        Answer();
    }

    private void Answer() => output.Send(StreamManagementErrors.Handled(watermark.Handled));

    private async Task AnswerLaterAsync(Task durable)
    {
        // A client that hears nothing for long takes the connection for dead: it is told how far it is, and again when all is durable.
        while (true)
        {
            try
            {
                await durable.WaitAsync(s_patience, time);
                break;
            }
            catch (TimeoutException)
            {
                Answer();
            }
        }

        Volatile.Write(ref _isWaiting, 0);
        Ask();
    }
}
