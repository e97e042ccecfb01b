using System.Globalization;
using System.Threading.Channels;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Connections.Tests.Bosh;

/// <summary>Two clients that chat through a network which drops, delays and reorders their requests and loses the answers: every message comes once and in order (XEP-0124 §14).</summary>
public sealed class BoshChaosTests
{
    private const int Messages = 60;

    [Theory]
    [InlineData(1, "")]
    [InlineData(2, "")]
    [InlineData(3, "ack='1'")]
    [InlineData(4, "")]
    [InlineData(5, "ack='1'")]
    public async Task Everything_arrives_once_and_in_order(int seed, string more)
    {
        await using var on = await TestHttpServer.StartAsync();
        using var alice = new BoshClient(on);
        using var bob = new BoshClient(on);
        await alice.LogInAsync("alice", $"wait='60' hold='1' to='example.test' {more}");
        await bob.LogInAsync("bob", $"wait='60' hold='1' to='example.test' {more}");

        var there = new Network(alice, "bob@example.test/web", more.Length > 0, new Random(seed));
        var back = new Network(bob, "alice@example.test/web", more.Length > 0, new Random(seed + 1000));
        var got = await Task.WhenAll(there.RunAsync(), back.RunAsync()).WaitAsync(TimeSpan.FromSeconds(90), TestContext.Current.CancellationToken);

        var wanted = Enumerable.Range(0, Messages).Select(i => i.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(wanted, got[0]);
        Assert.Equal(wanted, got[1]);
        Assert.True(there.Dropped > 0 && there.Lost > 0 && there.Repeated > 0, "the network was kind");
    }

    /// <summary>One client behind a bad network. It has two requests open, and sends the next only when the answer to the one before the last is there.</summary>
    private sealed class Network(BoshClient client, string peer, bool acknowledges, Random random)
    {
        private readonly Lock _gate = new();
        private readonly List<string> _got = [];
        private readonly Channel<long> _freed = Channel.CreateUnbounded<long>();
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Dictionary<long, XmlElement> _answers = [];
        private long _next = client.Rid + 1;
        private int _said;

        public int Dropped { get; private set; }

        public int Lost { get; private set; }

        public int Repeated { get; private set; }

        public async Task<IReadOnlyList<string>> RunAsync()
        {
            var open = new List<Task>();
            for (var i = 0; i < 2; i++)
            {
                _freed.Writer.TryWrite(0);
            }

            while (true)
            {
                await Task.WhenAny(_freed.Reader.WaitToReadAsync().AsTask(), _all.Task);
                if (_all.Task.IsCompleted)
                {
                    break;
                }

                _freed.Reader.TryRead(out _);
                var rid = ++client.Rid;
                var payload = "";
                for (var count = Pick(4); count > 0 && _said < Messages; count--)
                {
                    payload += $"<message xmlns='jabber:client' to='{peer}' type='chat'><body>{_said++}</body></message>";
                }

                var task = DeliverAsync(rid, payload, acknowledges ? $"ack='{_next - 1}'" : "");
                _ = task.ContinueWith(done => _all.TrySetException(done.Exception!.InnerExceptions), TaskContinuationOptions.OnlyOnFaulted);
                open.Add(task);
            }

            await _all.Task;
            return _got;
        }

        // Until there is an answer: the request may vanish, its answer may, and each takes its time, so that the two that are open overtake each other.
        private async Task DeliverAsync(long rid, string payload, string attributes)
        {
            for (var attempt = 0; ; attempt++)
            {
                await Task.Delay(Pick(8));
                switch (Pick(4))
                {
                    case 0:
                        Dropped++;
                        continue;
                    case 1:
                        Lost++;
                        using (var hangUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(Pick(30))))
                        {
                            try
                            {
                                await client.SendAsync(rid, payload, attributes, hangUp.Token); // and nobody looks at the answer
                            }
                            catch (OperationCanceledException)
                            {
                                // Nor does anybody wait for it.
                            }
                        }

                        continue;
                }

                Repeated += attempt > 0 ? 1 : 0;
                using var doubt = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
                try
                {
                    Take(rid, await client.SendAsync(rid, payload, attributes, doubt.Token));
                    return;
                }
                catch (OperationCanceledException)
                {
                    // A client that heard nothing for a while tries again.
                }
            }
        }

        private void Take(long rid, XmlElement answer)
        {
            lock (_gate)
            {
                Assert.Null(answer.Attribute("type"));
                _answers[rid] = answer;
                while (_answers.Remove(_next, out var next))
                {
                    _next++;
                    _got.AddRange(next.Children.ToArray().Where(child => child.Is("message", Ns.Client)).Select(message => message.ChildText("body")!));
                    _freed.Writer.TryWrite(_next);
                }

                if (_got.Count >= Messages && _said == Messages && _answers.Count == 0)
                {
                    _all.TrySetResult();
                }
            }
        }

        private int Pick(int below)
        {
            lock (_gate)
            {
                return random.Next(below);
            }
        }
    }
}
