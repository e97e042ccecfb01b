using Meerkat.Core.Cluster;
using Meerkat.Testing;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Meerkat.Core.Tests.Cluster;

/// <summary>How a node knows that the others see it, and have taken what it sent.</summary>
public sealed class NodeGreetingsTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private readonly TestNetwork _network = new();

    [Fact]
    public async Task A_node_has_joined_when_all_others_see_it()
    {
        var (one, two) = (Join("one"), Join("two"));
        await two.Greetings.GreetAsync(None).WaitAsync(s_patience);
        one.Place.IsBlind = true;
        var three = Join("three");
        var greeting = three.Greetings.GreetAsync(None);
        await three.Link.AskAsync(two.Place.Self, NodeVerb.Greeting, ReadOnlyMemory<byte>.Empty, None); // that one answers
        Assert.False(greeting.IsCompleted);
        one.Place.IsBlind = false;
        await greeting.WaitAsync(s_patience);
    }

    [Fact]
    public async Task What_was_sent_before_has_been_taken_when_all_have_answered()
    {
        var (one, two) = (Join("one"), Join("two"));
        var got = 0;
        two.Link.Serve(NodeVerb.Event, (_, _) =>
        {
            Interlocked.Increment(ref got);
            return new(ReadOnlyMemory<byte>.Empty);
        });
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(one.Link.TryPost(two.Place.Self, NodeVerb.Event, new byte[1000]));
        }

        await one.Greetings.GreetAsync(None).WaitAsync(s_patience);
        Assert.Equal(1000, got);
    }

    [Fact]
    public async Task Who_has_left_is_not_waited_for()
    {
        var (one, two) = (Join("one"), Join("two"));
        _network.Kill(two.Place.Self);
        var greeting = one.Greetings.GreetAsync(None);
        Assert.False(greeting.IsCompleted);
        _network.Remove(two.Place.Self);
        await greeting.WaitAsync(s_patience);
    }

    private Node Join(string name)
    {
        var place = _network.Join(name);
        var link = new NodeLink(place, place, TimeProvider.System, new TestLog().CreateLogger<NodeLink>());
        return new Node(place, link, new NodeGreetings(link, place, TimeProvider.System));
    }

    private sealed record Node(TestNetwork.Place Place, NodeLink Link, NodeGreetings Greetings);
}
