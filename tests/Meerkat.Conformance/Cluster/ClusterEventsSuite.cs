using System.Collections.Concurrent;
using Meerkat.Core.Cluster;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Conformance.Cluster;

/// <summary>What every way to tell other nodes does, on one node and on several (architecture §6).</summary>
public abstract class ClusterEventsSuite : IAsyncLifetime
{
    private readonly ConcurrentQueue<(int Node, ClusterEvent What)> _heard = new();
    private readonly SemaphoreSlim _came = new(0);
    private IReadOnlyList<IClusterEvents> _nodes = [];

    public async ValueTask InitializeAsync()
    {
        _nodes = await StartAsync();
        foreach (var (number, node) in _nodes.Index())
        {
            node.Hear(ClusterTopics.Domain, async what =>
            {
                await Task.Yield();
                _heard.Enqueue((number, what));
                _came.Release();
            });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _came.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task What_is_told_all_others_have_dealt_with_and_nobody_else()
    {
        foreach (var (teller, node) in _nodes.Index())
        {
            await node.TellAsync(Of($"told-by-{teller}.example"));
            Assert.Equal(Enumerable.Range(0, _nodes.Count).Where(number => number != teller), _heard.Where(heard => heard.What.About.Domain == $"told-by-{teller}.example").Select(heard => heard.Node).Order());
        }

        Assert.All(_heard, heard => Assert.Equal("<what xmlns='test'>ä &amp; b</what>", heard.What.Detail?.ToString().Replace('"', '\'')));
    }

    [Fact]
    public async Task What_is_posted_to_a_node_that_one_hears()
    {
        if (_nodes is [var first, .., var last])
        {
            for (var n = 0; n < 100; n++)
            {
                first.Post(last.Self, Of($"posted-{n}.example"));
            }

            for (var n = 0; n < 100; n++)
            {
                Assert.True(await _came.WaitAsync(TimeSpan.FromSeconds(30)));
            }

            Assert.All(_heard, heard => Assert.Equal(_nodes.Count - 1, heard.Node));
            Assert.Equal(Enumerable.Range(0, 100).Select(n => $"posted-{n}.example").Order(), _heard.Select(heard => heard.What.About.Domain).Order());
        }
    }

    [Fact]
    public void A_node_knows_itself_and_the_others()
    {
        foreach (var node in _nodes)
        {
            Assert.Equal(_nodes.Count == 1, node.IsAlone);
            Assert.All(_nodes, other => Assert.True(node.Has(other.Self)));
            Assert.False(node.Has(new ClusterNode("stranger", 1)));
        }

        Assert.Equal(_nodes.Count, _nodes.Select(node => node.Self).Distinct().Count());
    }

    /// <summary>Starts the nodes: one, or several that know each other.</summary>
    protected abstract ValueTask<IReadOnlyList<IClusterEvents>> StartAsync();

    protected abstract ValueTask StopAsync();

    private static ClusterEvent Of(string domain) => new(ClusterTopics.Domain, BareJid.Parse(domain), XmlElement.Parse("<what xmlns='test'>ä &amp; b</what>"));
}
