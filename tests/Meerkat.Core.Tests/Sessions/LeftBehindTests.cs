using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Core.Sessions;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Sessions;

/// <summary>What sessions leave behind, and how long they may take over it.</summary>
public sealed class LeftBehindTests
{
    [Fact] // CORE-203: the answer to a slow recipient must not end its sender
    public async Task What_a_client_leaves_comes_back_to_its_sender_no_faster_than_that_one_reads()
    {
        const int Messages = 6_000; // more than fit into a queue: that is bounded by 4096 elements and 8 MiB
        await using var server = await TestServer.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        var session = server.Context.Sessions.Local.Single(session => session.Jid.ToString() == bob.Jid);
        session.Manage(new StreamManagementSettings(0, null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(600), Keep: true), "id");
        var body = new string('x', 2_000);
        for (var i = 0; i < Messages; i++)
        {
            await alice.SendAsync($"<message to='{bob.Jid}' id='{i}'><body>{body}</body></message>");
            await bob.ExpectAsync($"<message id='{i}'/>"); // and never acknowledges it
        }

        session.Kick(StreamError.ResourceConstraint());
        for (var i = 0; i < Messages; i++)
        {
            await alice.ExpectAsync($"<message type='error' id='{i}'/>");
        }

        await alice.ExpectNothingAsync();
    }

    [Fact] // CORE-123
    public async Task A_replaced_session_that_does_not_end_in_time_is_worth_a_warning()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<SlowEnd>(new SlowEndOptions()));
        var end = ((SlowEnd)server.Host.Modules["mod_test_slow_end"]).Options;
        await using var old = await server.ConnectAsync("alice", "phone");
        await using var young = await server.ConnectAsync("alice", "phone");
        await old.ExpectStreamErrorAsync("conflict");
        await end.Began.Task.WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);

        server.Time.Advance(TimeSpan.FromMilliseconds(1999));
        await young.ExpectNothingAsync();
        Assert.DoesNotContain(server.Log.Entries, entry => entry.Text.Contains("was replaced", StringComparison.Ordinal));
        server.Time.Advance(TimeSpan.FromMilliseconds(1));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (!server.Log.Entries.Any(entry => entry.Level is Microsoft.Extensions.Logging.LogLevel.Warning && entry.Text.Contains("Session alice@example.test/phone of stream", StringComparison.Ordinal)))
        {
            await Task.Delay(5, patience.Token);
        }

        end.MayEnd.SetResult();
    }

    [Fact] // REG-006 and whoever else answers first and acts then: before authentication too
    public async Task What_comes_after_an_answer_is_done_before_authentication_too()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<Afterwards>());
        await using var client = server.Open();
        await client.OpenStreamAsync();
        await client.SendAsync("<iq type='set' id='1'><q xmlns='test:afterwards'/></iq>");
        await client.ExpectAsync("<iq type='result' id='1'/>");
        await ((Afterwards)server.Host.Modules["mod_test_afterwards"]).Done.Task.WaitAsync(TimeSpan.FromSeconds(15), TestContext.Current.CancellationToken);
    }

    [Fact] // OPS-005: what one module cannot say or write costs the others nothing
    public async Task A_module_that_fails_at_the_end_keeps_nobody_from_writing()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<FailsAtTheEnd>().Module<WritesAtTheEnd>());
        await server.Context.AnnounceStopAsync();
        await server.Context.DrainAsync();
        Assert.Equal(["stopping", "drain"], ((WritesAtTheEnd)server.Host.Modules["mod_test_writes_at_the_end"]).Written);
        Assert.Equal(2, server.Log.Entries.Count(entry => entry.Level is Microsoft.Extensions.Logging.LogLevel.Error));
    }

    internal sealed record SlowEndOptions
    {
        public TaskCompletionSource Began { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource MayEnd { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    [Module("mod_test_slow_end", Options = typeof(SlowEndOptions))]
    internal sealed class SlowEnd(SlowEndOptions options) : IModule
    {
        public SlowEndOptions Options => options;

        public void Register(IModuleRegistry on) => on.Hook(SessionHooks.Closed, SessionSlot.Observe, async (_, _) =>
        {
            options.Began.TrySetResult();
            await options.MayEnd.Task;
            return HookResult.Continue;
        });
    }

    [Module("mod_test_afterwards")]
    internal sealed class Afterwards : IModule
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Register(IModuleRegistry on) => on.StreamIq("test:afterwards", (_, _) => new(IqReply.Result() with
        {
            Afterwards = () =>
            {
                Done.TrySetResult();
                return ValueTask.CompletedTask;
            },
        }));
    }

    [Module("mod_test_fails_at_the_end")]
    internal sealed class FailsAtTheEnd : IModule
    {
        public void Register(IModuleRegistry on)
        {
            on.Stopping(() => throw new IOException("away"));
            on.Drain(() => throw new IOException("away"));
        }
    }

    [Module("mod_test_writes_at_the_end")]
    internal sealed class WritesAtTheEnd : IModule
    {
        public List<string> Written { get; } = [];

        public void Register(IModuleRegistry on)
        {
            on.Stopping(() => WriteAsync("stopping"));
            on.Drain(() => WriteAsync("drain"));
        }

        private ValueTask WriteAsync(string what)
        {
            Written.Add(what);
            return ValueTask.CompletedTask;
        }
    }
}
