using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Routing;

/// <summary>CORE-131, CORE-132, ROU-004: who takes part in a message's road, and in which order.</summary>
public sealed class HookOrderTests
{
    private const string Sending = "sent.StanzaId sent.Filter sent.Amp sent.Privacy sent.Archive sent.Inbox sent.Carbons sent.SmartMarkers sent.Observe";
    private const string Receiving = "received.Privacy received.StanzaId received.SmartMarkers received.Archive received.Events received.Inbox received.Ping";
    private const string Offline = "offline.ChatMarkers offline.Push offline.Store offline.Rooms offline.Stub";

    [Fact] // CORE-131, CORE-132, ROU-004: the bounce is last of all
    public async Task A_message_that_nobody_takes_passes_everyone_in_order_and_bounces()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='bob@example.test' type='chat' id='m'/>");

        await alice.ExpectAsync($"<message type='error' id='m'><error type='cancel'><service-unavailable xmlns='{Ns.StanzaErrors}'/></error></message>");
        Assert.StartsWith($"{Sending} {Receiving} {Offline}", Ran(server), StringComparison.Ordinal);
    }

    [Fact] // CORE-134: routing first, then what happens once per account, then the session
    public async Task A_message_that_is_delivered_is_no_business_of_the_offline_chain()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob", "b");
        await alice.SendAsync($"<message to='{bob.Jid}' type='chat' id='m'/>");

        await bob.ExpectAsync("<message id='m'/>");
        Assert.Equal($"{Sending} {Receiving} delivered.Carbons delivered.Observe", Ran(server));
    }

    [Theory] // CORE-131: whoever stops answers for it; the server adds nothing
    [InlineData("sent.Privacy", "sent.StanzaId sent.Filter sent.Amp sent.Privacy")]
    [InlineData("received.Archive", Sending + " received.Privacy received.StanzaId received.SmartMarkers received.Archive")]
    [InlineData("offline.Store", Sending + " " + Receiving + " offline.ChatMarkers offline.Push offline.Store")]
    public async Task Nothing_comes_behind_a_handler_that_stops(string stop, string ran)
    {
        await using var server = await StartAsync();
        Module(server).StopsAt = stop;
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='bob@example.test' type='chat' id='m'/>");

        await alice.ExpectNothingAsync();
        Assert.Equal(ran, Ran(server));
    }

    private static async Task<TestServer> StartAsync()
    {
        var server = await TestServer.StartAsync(with => with.Module<EveryoneModule>());
        await server.Accounts.AddAsync("bob@example.test", "secret");
        return server;
    }

    private static EveryoneModule Module(TestServer server) => (EveryoneModule)server.Host.Modules["mod_test_everyone"];

    private static string Ran(TestServer server) => string.Join(' ', Module(server).Ran);

    /// <summary>Fills every slot of a message's road.</summary>
    [Module("mod_test_everyone")]
    internal sealed class EveryoneModule : IModule
    {
        public List<string> Ran { get; } = [];

        public string? StopsAt { get; set; }

        public void Register(IModuleRegistry on)
        {
            Fill(on, MessageHooks.Sent, "sent");
            Fill(on, MessageHooks.Received, "received");
            Fill(on, MessageHooks.Offline, "offline");
            Fill(on, MessageHooks.Delivered, "delivered");
        }

        private void Fill<TContext, TSlot>(IModuleRegistry on, Hook<TContext, TSlot> hook, string name)
            where TSlot : struct, Enum
        {
            foreach (var slot in Enum.GetValues<TSlot>().Reverse()) // the order in which they were added does not matter
            {
                on.Hook(hook, slot, (_, _) =>
                {
                    var place = $"{name}.{slot}";
                    lock (Ran)
                    {
                        Ran.Add(place);
                    }

                    return new(place == StopsAt ? HookResult.Stop : HookResult.Continue);
                });
            }
        }
    }
}
