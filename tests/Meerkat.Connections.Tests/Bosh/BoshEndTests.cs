using System.Buffers;
using System.Text;
using Meerkat.Connections.Bosh;
using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Core.Streams;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Connections.Tests.Bosh;

/// <summary>How BOSH sessions end, and that none stays: whatever its client does, nothing of it is left behind and nothing is lost.</summary>
public sealed class BoshEndTests
{
    // What nobody logs in to is bounded, and whoever has logged in stays.
    [Fact]
    public async Task Sessions_without_a_log_in_give_way_to_newer_ones()
    {
        await using var on = await TestHttpServer.StartAsync();
        using var alice = new BoshClient(on);
        await alice.LogInAsync("alice");
        using var idler = new BoshClient(on);
        await idler.OpenAsync();
        using var crowd = new SocketsHttpHandler { MaxConnectionsPerServer = 4 };
        using var http = new HttpClient(crowd);
        await Parallel.ForAsync(0, BoshHandler.MaxUnbound, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (_, ct) =>
        {
            using var body = new StringContent("<body xmlns='http://jabber.org/protocol/httpbind' rid='1' hold='1' wait='60' to='example.test' ver='1.6' xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh'/>");
            using var answer = await http.PostAsync(on.BoshAddress, body, ct);
        });
        Assert.InRange(on.Bosh.Count, 1, BoshHandler.MaxUnbound + 1);
        Assert.Equal("item-not-found", (await idler.NextAsync()).Attribute("condition"));
        Assert.Equal("result", (await alice.NextAsync("<iq xmlns='jabber:client' type='set' id='p'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>")).Child("iq", Ns.Client)!.Value.Attribute("type"));
    }

    private static readonly string s_filler = new('x', 4000);

    // XEP-0124 §13: the last answers are kept for a while, whatever the timer was set for when the end came.
    [Theory]
    [InlineData(5)]
    [InlineData(29)]
    public async Task A_session_that_ended_is_forgotten(int before)
    {
        await using var on = await TestHttpServer.StartAsync();
        using var client = new BoshClient(on);
        await client.LogInAsync("alice");
        Assert.Equal("terminate", (await client.NextAsync(attributes: "type='terminate'")).Attribute("type"));
        on.Server.Time.Advance(TimeSpan.FromSeconds(before));
        Assert.Equal(1, on.Bosh.Count);
        on.Server.Time.Advance(TimeSpan.FromSeconds(30 - before));
        Assert.Equal(0, on.Bosh.Count);
    }

    // CORE-124: as without a backlog, which goes to the new session.
    [Fact]
    public async Task A_client_that_was_replaced_learns_it_though_much_was_waiting_for_it()
    {
        await using var on = await TestHttpServer.StartAsync();
        await using var bob = await on.Server.ConnectAsync("bob", "phone");
        using var client = new BoshClient(on);
        await client.LogInAsync("alice");
        for (var i = 0; i < 100; i++)
        {
            await bob.SendAsync($"<message to='alice@example.test/web' id='{i}' type='chat'><body>{s_filler}</body></message>");
        }

        await bob.AskAsync("<iq type='get' to='example.test'><mark xmlns='a'/></iq>");
        await using var other = await on.Server.ConnectAsync("alice", "web");
        for (var i = 0; i < 100; i++)
        {
            await other.ExpectAsync($"<message id='{i}'/>");
        }

        var answer = await client.NextAsync();
        Assert.Equal("remote-stream-error", answer.Attribute("condition"));
        Assert.NotNull(answer.Child("error", Ns.Stream)!.Value.Child("conflict", Ns.StreamErrors));
    }

    // What comes while a session that is over still does the last thing it was asked for is not swallowed.
    [Fact]
    public async Task What_comes_for_a_session_that_is_ending_goes_back()
    {
        await using var on = await TestHttpServer.StartAsync(server: with => with.Module<Gate>());
        var gate = (Gate)on.Server.Host.Modules["mod_test_gate"];
        await using var bob = await on.Server.ConnectAsync("bob", "phone");
        using var client = new BoshClient(on);
        await client.LogInAsync("alice");
        var held = client.NextAsync($"<message xmlns='jabber:client' to='{bob.Jid}' id='gate'/>");
        await gate.Began.Task.WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        Assert.Equal("item-not-found", (await client.SendAsync(client.Rid + 100)).Attribute("condition"));
        await bob.SendAsync("<message to='alice@example.test/web' id='m1' type='chat'><body>anybody?</body></message>");
        await bob.AskAsync("<iq type='get' to='example.test'><mark xmlns='a'/></iq>");
        gate.Open.SetResult();
        await bob.ReceiveAsync(stanza => stanza.Name == "message" && stanza.Attribute("id") == "m1" && stanza.Attribute("type") == "error");
        Assert.Equal("item-not-found", (await held).Attribute("condition"));
    }

    // CORE-013, CORE-264: "infinity" is for those who logged in; an end that nobody fetches is not waited for without end.
    [Fact]
    public async Task Who_never_logs_in_does_not_stay_for_ever()
    {
        await using var on = await TestHttpServer.StartAsync(new BoshOptions { Inactivity = null });
        using var client = new BoshClient(on);
        using var other = new BoshClient(on);
        await client.OpenAsync();
        await other.LogInAsync("alice");
        on.Server.Time.Advance(TimeSpan.FromSeconds(5));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (on.Bosh.Count > 1)
        {
            on.Server.Time.Advance(TimeSpan.FromSeconds(30));
            await Task.Delay(5, patience.Token);
        }

        Assert.Equal(1, on.Server.Context.Sessions.Count);
    }

    // XEP-0124 §9: a client that keeps the server from forgetting answers is sent away, also when that shows in the timer's time.
    [Fact]
    public async Task Too_many_answers_that_nobody_acknowledges_end_the_session_when_its_time_is_up()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<Gate>());
        const string Head = "xmlns='http://jabber.org/protocol/httpbind'";
        var first = Read($"<body {Head} rid='1' wait='2' hold='1' ack='1' to='example.test' xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh'/>");
        Assert.Null(BoshStart.Read(first, server.Context, new BoshOptions(), out var start));
        var forgotten = 0;
        var session = new BoshSession(server.Context, new BoshOptions(), start!, new TransportFacts("bosh", null, false), "sid", _ => forgotten++);
        await session.Accept(first).Answer;
        var rid = 1;
        BoshExchange Next(string type) => session.Accept(Read($"<body {Head} rid='{++rid}' ack='0'><iq xmlns='jabber:client' type='{type}' id='i'><q xmlns='test:gate'/></iq></body>"));
        while (rid < 256)
        {
            await Next("get").Answer.WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
        }

        var lost = Next("set"); // is being handled
        session.Lose(lost);
        var held = Next("get");
        server.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Contains("policy-violation", Encoding.UTF8.GetString(await held.Answer), StringComparison.Ordinal);
        ((Gate)server.Host.Modules["mod_test_gate"]).Open.SetResult();
        server.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(1, forgotten);
    }

    private static BoshRequest Read(string body)
    {
        var request = BoshRequest.Read(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(body)), XmlLimits.Default, isWhole: true);
        Assert.Null(request.Fault);
        return request;
    }

    /// <summary>What it is asked for takes until it is opened.</summary>
    [Module("mod_test_gate")]
    internal sealed class Gate : IModule
    {
        public TaskCompletionSource Began { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Open { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Register(IModuleRegistry on)
        {
            on.Hook(MessageHooks.Sent, MessageSlot.Observe, async (context, _) =>
            {
                if (context.Message.Id == "gate")
                {
                    Began.TrySetResult();
                    await Open.Task;
                }

                return HookResult.Continue;
            });
            on.StreamIq("test:gate", async (request, _) =>
            {
                if (request.Iq.Type is IqType.Set)
                {
                    await Open.Task;
                }

                return IqReply.Result();
            });
        }
    }
}
