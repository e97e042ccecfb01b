namespace Meerkat.Core.Cluster;

/// <summary>What is known as long as a view lasts.</summary>
internal sealed class RegistryTerm(ClusterView view)
{
    private readonly HashSet<ClusterNode> _silent = [.. view.Nodes];
    private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ClusterView View => view;

    /// <summary>The accounts that this node is the authority of. What is said in a later view has the greater version.</summary>
    public AccountTable Table { get; } = new(view.Version << 40);

    /// <summary>Those that it keeps a copy of.</summary>
    public AccountTable Copies { get; } = new(0);

    /// <summary>Ends when all members have told what lives on them.</summary>
    public Task Told => _told.Task;

    /// <summary>There is another view: nobody waits for this one.</summary>
    public void End() => _told.TrySetResult();

    public void Hear(ClusterNode from)
    {
        lock (_silent)
        {
            _silent.Remove(from);
            if (_silent.Count == 0)
            {
                _told.TrySetResult();
            }
        }
    }
}
