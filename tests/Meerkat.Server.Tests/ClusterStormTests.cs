using System.Collections.Concurrent;
using System.Diagnostics;
using Meerkat.Testing;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>A node dies with many clients, and all of them come to the other nodes at once. <c>MEERKAT_CLUSTER_LOGINS</c> makes them more.</summary>
[Collection("Server processes under load")] // one at a time
public sealed class ClusterStormTests
{
    [Fact] // OPS-029
    public async Task Clients_of_a_node_that_died_log_in_on_the_others_at_once_without_an_error_while_the_rest_goes_on()
    {
        var count = ClusterTalk.Setting("MEERKAT_CLUSTER_LOGINS", 60);
        await using var nodes = new ThreeNodes(3, static toml => toml.Replace("loglevel = \"info\"", "loglevel = \"warning\"", StringComparison.Ordinal), null);
        await nodes.InitializeAsync();
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) => await nodes.RegisterAsync(i % nodes.Count, $"guest{i}"));
        var clients = new ConcurrentBag<TestClient>();
        try
        {
            await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) => clients.Add(await EnterAsync(nodes, 2, i)));
            using var over = new CancellationTokenSource();
            var chats = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Chat.StartAsync(nodes, i, over.Token)));
            await Task.WhenAll(chats.Select(chat => chat.HadAsync(10)));
            var quiet = chats.SelectMany(chat => chat.Take()).ToList();

            nodes[2].Signal("KILL");
            await nodes[2].WaitForExitAsync();
            var storm = Stopwatch.StartNew();
            var logIns = new ConcurrentBag<TimeSpan>();
            await Task.WhenAll(Enumerable.Range(0, count).Select(i => Task.Run(async () =>
            {
                clients.Add(await EnterAsync(nodes, i % 2, i));
                logIns.Add(storm.Elapsed);
            })));
            var took = storm.Elapsed;
            await Task.WhenAll(chats.Select(chat => chat.HadAsync(1)));
            var during = chats.SelectMany(chat => chat.Take()).ToList();
            await over.CancelAsync();
            await Task.WhenAll(chats.Select(chat => chat.Ended));

            var load = (await File.ReadAllTextAsync("/proc/loadavg", TestContext.Current.CancellationToken)).Split(' ')[0];
            TestContext.Current.SendDiagnosticMessage($"{count} log-ins in {took.TotalSeconds:0.0} s (half of them in {Quantile(logIns, 0.5).TotalSeconds:0.0} s), load average {load}; round trips before: {Describe(quiet)}; meanwhile: {Describe(during)}");
            Assert.Equal(count, logIns.Count);
            Assert.Equal(["node1 ACTIVE", "node2 ACTIVE", "node3 GONE"], await nodes[0].StatesAsync());
        }
        finally
        {
            foreach (var client in clients)
            {
                await client.DisposeAsync();
            }
        }
    }

    // Logged in, and available: what a client does before its user sees anything.
    private static async Task<TestClient> EnterAsync(ThreeNodes nodes, int node, int number)
    {
        var client = await TestClient.ConnectAsync(nodes[node].Clients, "localhost");
        client.Patience = TimeSpan.FromMinutes(2); // how long it takes is what is found out here
        await ThreeNodes.LogInAsync(client, $"guest{number}", "phone");
        await client.AskAsync("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>");
        await client.BecomeAvailableAsync();
        return client;
    }

    private static string Describe(List<TimeSpan> times) => $"{times.Count}, p50 {Quantile(times, 0.5).TotalMilliseconds:0.0} ms, p99 {Quantile(times, 0.99).TotalMilliseconds:0.0} ms, longest {times.Max().TotalMilliseconds:0.0} ms";

    private static TimeSpan Quantile(IReadOnlyCollection<TimeSpan> times, double share) => times.Order().ElementAt((int)((times.Count - 1) * share));

    /// <summary>Two clients, one on each of the nodes that stay, of which one says something and the other answers it, ten times a second.</summary>
    private sealed class Chat
    {
        private readonly ConcurrentQueue<TimeSpan> _times = new();
        private volatile TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public required Task Ended { get; set; }

        public static async Task<Chat> StartAsync(ThreeNodes nodes, int number, CancellationToken over)
        {
            var asks = await nodes.LogInAsync(0, $"asks{number}", "web");
            var answers = await nodes.LogInAsync(1, $"answers{number}", "web");
            await answers.BecomeAvailableAsync();
            var chat = new Chat { Ended = Task.CompletedTask };
            chat.Ended = Task.Run(() => chat.TalkAsync(asks, answers, over), CancellationToken.None);
            return chat;
        }

        /// <summary>Waits for round trips.</summary>
        public async Task HadAsync(int count)
        {
            while (true)
            {
                var more = _more.Task;
                if (_times.Count >= count || Ended.IsCompleted)
                {
                    await (Ended.IsFaulted ? Ended : Task.CompletedTask);
                    return;
                }

                await Task.WhenAny(more, Ended);
            }
        }

        /// <summary>How long each took since the last time.</summary>
        public List<TimeSpan> Take()
        {
            var taken = new List<TimeSpan>();
            while (_times.TryDequeue(out var time))
            {
                taken.Add(time);
            }

            return taken;
        }

        private async Task TalkAsync(TestClient asks, TestClient answers, CancellationToken over)
        {
            await using (asks)
            await using (answers)
            {
                for (var i = 0; !over.IsCancellationRequested; i++)
                {
                    var began = Stopwatch.GetTimestamp();
                    await asks.SendAsync($"<message to='{answers.Jid}' type='chat' id='{i}'><body>are you there?</body></message>");
                    Assert.Equal($"{i}", (await answers.ReceiveAsync(element => element.Name == "message")).Attribute("id"));
                    await answers.SendAsync($"<message to='{asks.Jid}' type='chat' id='{i}'><body>yes</body></message>");
                    Assert.Equal($"{i}", (await asks.ReceiveAsync(element => element.Name == "message")).Attribute("id"));
                    _times.Enqueue(Stopwatch.GetElapsedTime(began));
                    Interlocked.Exchange(ref _more, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
                    await Task.Delay(TimeSpan.FromMilliseconds(100), CancellationToken.None);
                }
            }
        }
    }
}
