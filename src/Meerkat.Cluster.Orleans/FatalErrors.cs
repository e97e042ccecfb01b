using Microsoft.Extensions.Logging;

namespace Meerkat.Cluster.Orleans;

/// <summary>Orleans would end the process when a silo cannot go on. Here the node is given up, and the server decides.</summary>
internal sealed class FatalErrors(Action<string> giveUp, ILogger log) : IFatalErrorHandler
{
    public bool IsUnexpected(Exception exception) => exception is not OperationCanceledException;

    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        if (exception is not null)
        {
            ClusterLog.Failed(log, context ?? "the silo", exception);
        }

        giveUp(context ?? "the silo cannot go on");
    }
}
