using System.Threading.Channels;
using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;
using Xunit;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>Flooding a room by one occupant delays that occupant, not the room: a sender waits for the room with each stanza, so that it has one of them there and no more.</summary>
public sealed class FloodTests
{
    private const int Flood = 200;

    [Fact]
    public async Task Who_floods_a_room_waits_and_the_others_do_not()
    {
        var turnstile = new Turnstile();
        await using var server = await MucServer.StartAsync(configure: with => with.Module<TurnstileModule>(turnstile));
        await using var owner = await server.CreateAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await alice.JoinAsync("al");
        await bob.JoinAsync("bob");

        await alice.SendAsync(string.Concat(Enumerable.Range(0, Flood).Select(n => $"<message type='groupchat' to='{MucServer.Room}'><body>flood {n}</body></message>")));
        Assert.Equal("flood 0", await turnstile.Waiting.Reader.ReadAsync(TestContext.Current.CancellationToken)); // the room is busy with it
        await bob.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>one word</body></message>");
        await turnstile.BobSent.Task.WaitAsync(TestContext.Current.CancellationToken); // it is on its way to the room

        var before = 0;
        string body;
        do
        {
            turnstile.Gate.Release();
            body = await turnstile.Waiting.Reader.ReadAsync(TestContext.Current.CancellationToken);
            before++;
        }
        while (body != "one word");

        Assert.InRange(before, 1, 5); // of two hundred; one in this room, and what his road takes
        turnstile.Gate.Release(Flood);
        await owner.MessageAsync("one word");
        await owner.MessageAsync($"flood {Flood - 1}");
    }
}

/// <summary>Lets messages of a room pass one by one.</summary>
public sealed class Turnstile
{
    /// <summary>Bodies of messages that wait, or have passed.</summary>
    public Channel<string> Waiting { get; } = Channel.CreateUnbounded<string>();

    /// <summary>As many pass as are released.</summary>
    public SemaphoreSlim Gate { get; } = new(0);

    /// <summary>Bob's message has left his session.</summary>
    public TaskCompletionSource BobSent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>The archive that is that slow.</summary>
[Module("a_test_turnstile", Options = typeof(Turnstile))]
public sealed class TurnstileModule(Turnstile turnstile) : IModule
{
    public void Register(IModuleRegistry on)
    {
        on.Hook(RoomHooks.Message, RoomMessageSlot.Archive, async (context, ct) =>
        {
            await turnstile.Waiting.Writer.WriteAsync(context.Message.Body ?? "", ct);
            await turnstile.Gate.WaitAsync(ct);
            return HookResult.Continue;
        });
        on.Hook(MessageHooks.Sent, MessageSlot.Observe, (context, _) =>
        {
            if (context.Message.Body == "one word")
            {
                turnstile.BobSent.TrySetResult();
            }

            return new(HookResult.Continue);
        });
    }
}
