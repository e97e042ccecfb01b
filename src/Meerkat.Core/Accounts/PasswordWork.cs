using System.Diagnostics.CodeAnalysis;

namespace Meerkat.Core.Accounts;

/// <summary>Where passwords are hashed: off the caller's thread, and on no more threads than there are cores, so that a flood of log-ins or registrations leaves stanzas their turn.</summary>
/// <remarks>One for the process. Callers wait in line; each has one stream or request that waits with it, so that the line is bounded by them.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "A SemaphoreSlim whose wait handle nobody asks for holds nothing to dispose of.")]
public sealed class PasswordWork(int atOnce)
{
    private readonly SemaphoreSlim _turns = new(atOnce, atOnce);

    /// <summary>As many at once as there are cores.</summary>
    public static PasswordWork Process { get; } = new(Environment.ProcessorCount);

    /// <summary>Runs <paramref name="work"/> when it is its turn.</summary>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken ct)
    {
        await _turns.WaitAsync(ct);
        try
        {
            return await Task.Run(work, CancellationToken.None);
        }
        finally
        {
            _turns.Release();
        }
    }
}
