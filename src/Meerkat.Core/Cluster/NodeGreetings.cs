namespace Meerkat.Core.Cluster;

/// <summary>What a node that joins asks all others, and they answer when they see it as a member: from then on they tell it what changes. Being asked last, it also says that all that was sent before has arrived.</summary>
/// <remarks>Safe for concurrent use.</remarks>
public sealed class NodeGreetings
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(20);

    private readonly INodeLink _link;
    private readonly IClusterMembers _members;
    private readonly TimeProvider _time;

    /// <summary>Answers from here on.</summary>
    /// <param name="link">The way to other nodes.</param>
    /// <param name="members">Which nodes there are.</param>
    /// <param name="time">The clock.</param>
    public NodeGreetings(INodeLink link, IClusterMembers members, TimeProvider time)
    {
        _link = link;
        _members = members;
        _time = time;
        link.Serve(NodeVerb.Greeting, (from, _) => AnswerAsync(from));
    }

    /// <summary>Asks all members. Ends when all have answered, have left, or ten seconds are over.</summary>
    public async Task GreetAsync(CancellationToken ct) =>
        await Task.WhenAll(_members.View.Nodes.Where(node => node != _members.Self).Select(node => AskAsync(node, ct)));

    private async Task AskAsync(ClusterNode node, CancellationToken ct)
    {
        try
        {
            await _link.AskAsync(node, NodeVerb.Greeting, ReadOnlyMemory<byte>.Empty, ct).AsTask().WaitAsync(s_patience, _time, ct);
        }
        catch (Exception gone) when (gone is NodeUnreachableException or NodeRefusedException or TimeoutException)
        {
            // It leaves, or is about to be given up.
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> AnswerAsync(ClusterNode from)
    {
        for (var waited = TimeSpan.Zero; !_members.View.Has(from) && waited < s_patience; waited += s_step)
        {
            await Task.Delay(s_step, _time);
        }

        return ReadOnlyMemory<byte>.Empty;
    }
}
