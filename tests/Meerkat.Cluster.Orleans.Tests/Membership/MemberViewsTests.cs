using System.Collections.Immutable;
using System.Net;
using Meerkat.Cluster.Orleans.Membership;
using Meerkat.Core.Cluster;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Meerkat.Cluster.Orleans.Tests.Membership;

/// <summary>When a node is out of the view its lease has run out, or it has left itself (<see cref="IClusterMembers"/>).</summary>
public sealed class MemberViewsTests
{
    private static readonly TimeSpan Hold = TimeSpan.FromSeconds(3);
    private static readonly ClusterNode A = new("a", 1);
    private static readonly ClusterNode B = new("b", 1);
    private static readonly ClusterNode C = new("c", 1);

    private readonly FakeTimeProvider _time = new();
    private readonly MemberViews _views;

    public MemberViewsTests() => _views = new MemberViews(A, Hold, _time, NullLogger.Instance);

    [Fact]
    public async Task Who_joins_is_seen_at_once()
    {
        await _views.TakeAsync(State(1, A), CancellationToken.None);
        await _views.TakeAsync(State(2, B, A), CancellationToken.None);
        Assert.Equal(2, _views.View.Version);
        Assert.Equal([A, B], _views.View.Nodes);
        Assert.True(_views.Addresses.ContainsKey(B));
    }

    [Fact]
    public async Task Who_was_given_up_is_seen_until_its_lease_has_run_out()
    {
        await _views.TakeAsync(State(1, A, B), CancellationToken.None);
        var taking = _views.TakeAsync(State(2, A), CancellationToken.None);
        _time.Advance(Hold - TimeSpan.FromMilliseconds(1));
        Assert.False(taking.IsCompleted);
        Assert.Equal((1, true), (_views.View.Version, _views.View.Has(B)));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        await taking;
        Assert.Equal((2, false), (_views.View.Version, _views.View.Has(B)));
    }

    [Fact]
    public async Task Who_has_said_that_it_leaves_is_not_waited_for()
    {
        await _views.TakeAsync(State(1, A, B), CancellationToken.None);
        await _views.TakeAsync(State(2, A) with { Leaving = [B] }, CancellationToken.None);
        Assert.Equal([A], _views.View.Nodes);
        await _views.TakeAsync(State(3, A), CancellationToken.None);
        Assert.Equal(3, _views.View.Version);
    }

    [Fact] // a node whose votes and leave were seen together
    public async Task Of_two_who_go_together_the_one_that_was_given_up_is_waited_for()
    {
        await _views.TakeAsync(State(1, A, B, C), CancellationToken.None);
        var taking = _views.TakeAsync(State(3, A) with { Leaving = [C] }, CancellationToken.None);
        Assert.False(taking.IsCompleted);
        _time.Advance(Hold);
        await taking;
        Assert.Equal([A], _views.View.Nodes);
    }

    [Fact]
    public async Task What_is_older_is_passed_over_and_each_view_is_told()
    {
        var told = new List<long>();
        _views.Changed += view => told.Add(view.Version);
        await _views.TakeAsync(State(2, A), CancellationToken.None);
        await _views.TakeAsync(State(1, A, B), CancellationToken.None);
        await _views.TakeAsync(State(4, A, new ClusterNode("b", 2)), CancellationToken.None);
        Assert.Equal([2, 4], told);
        Assert.False(_views.View.Has(B)); // another run of the name
    }

    private static TableState State(long version, params ClusterNode[] members) =>
        new(version, members.ToImmutableDictionary(node => node, node => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 7000 + node.Name[0]), (int)node.Run)), []);
}
