using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Core.Storage;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Routing;

/// <summary>CORE §15: delivery by address, without any module.</summary>
public sealed class RoutingTests
{
    private const string Errors = Ns.StanzaErrors;

    public static TheoryData<string, string, string> Answered => new()
    {
        { "CORE-141 IQ to the domain", "<iq type='get' id='x' to='example.test'><q xmlns='nobody'/></iq>", $"<iq type='error' id='x' from='example.test'><error code='501' type='cancel'><feature-not-implemented xmlns='{Errors}'/></error></iq>" },
        { "CORE-142 IQ to a resource of the domain", "<iq type='get' id='x' to='example.test/r'><q xmlns='nobody'/></iq>", $"<iq type='error' id='x' from='example.test/r'><error code='404'><item-not-found xmlns='{Errors}'/></error></iq>" },
        { "CORE-142 message to a resource of the domain", "<message id='x' to='example.test/r'/>", $"<message type='error' id='x'><error code='404'><item-not-found xmlns='{Errors}'/></error></message>" },
        { "CORE-143 IQ to an account", "<iq type='get' id='x' to='bob@example.test'><q xmlns='nobody'/></iq>", $"<iq type='error' id='x'><error code='503' type='cancel'><service-unavailable xmlns='{Errors}'/></error></iq>" },
        { "CORE-145 IQ to a resource that is offline", "<iq type='get' id='x' to='bob@example.test/r'><q xmlns='nobody'/></iq>", $"<iq type='error' id='x'><error code='503'><service-unavailable xmlns='{Errors}'/><text xmlns='{Errors}'>Route offline</text></error></iq>" },
        { "CORE-146 IQ without payload", "<iq type='set' id='x' to='example.test'/>", $"<iq type='error' id='x'><error code='400' type='modify'><bad-request xmlns='{Errors}'/></error></iq>" },
        { "CORE-146 IQ of no type", "<iq type='want' id='x' to='example.test'><q xmlns='a'/></iq>", $"<iq type='error' id='x'><error code='400'><bad-request xmlns='{Errors}'/></error></iq>" },
        { "RFC 6120 §8.2.3 two children, to the domain", "<iq type='get' id='x' to='example.test'><q xmlns='nobody'/><q xmlns='nobody'/></iq>", $"<iq type='error' id='x' from='example.test'><error code='400' type='modify'><bad-request xmlns='{Errors}'/></error></iq>" },
        { "RFC 6120 §8.2.3 two children, to an account", "<iq type='set' id='x' to='bob@example.test'><q xmlns='nobody'/><r xmlns='nobody'/></iq>", $"<iq type='error' id='x' from='bob@example.test'><error code='400'><bad-request xmlns='{Errors}'/></error></iq>" },
        { "RFC 6120 §8.2.3 none, to a resource of the domain", "<iq type='get' id='x' to='example.test/r'/>", $"<iq type='error' id='x'><error code='400'><bad-request xmlns='{Errors}'/></error></iq>" },
        { "RFC 6120 §8.2.3 two children, to another server", "<iq type='get' id='x' to='elsewhere.test'><q xmlns='a'/><q xmlns='b'/></iq>", $"<iq type='error' id='x'><error code='400'><bad-request xmlns='{Errors}'/></error></iq>" },
        { "CORE-349 IQ without id", "<iq type='get' to='example.test'><q xmlns='nobody'/></iq>", $"<iq type='error' id=''><error><feature-not-implemented xmlns='{Errors}'/></error></iq>" },
        { "CORE-152 headline", "<message type='headline' id='x' to='bob@example.test'/>", $"<message type='error' id='x'><error code='503'><service-unavailable xmlns='{Errors}'/><text xmlns='{Errors}'>Bounce offline message</text></error></message>" },
        { "CORE-153 chat", "<message type='chat' id='x' to='bob@example.test'><body>b</body></message>", $"<message type='error' id='x'><error code='503' type='cancel'><service-unavailable xmlns='{Errors}'/><text xmlns='{Errors}'>Bounce offline message</text></error><body>b</body></message>" },
        { "CORE-153 an unknown type counts as normal", "<message type='odd' id='x' to='bob@example.test'/>", $"<message type='error' id='x'><error><service-unavailable xmlns='{Errors}'/></error></message>" },
        { "CORE-151 groupchat", "<message type='groupchat' id='x' to='bob@example.test'/>", $"<message type='error' id='x'><error><service-unavailable xmlns='{Errors}'/></error></message>" },
        { "CORE-352 no such account", "<message type='chat' id='x' to='nobody@example.test'/>", $"<message type='error' id='x'><error code='503' type='cancel'><service-unavailable xmlns='{Errors}'/><text xmlns='{Errors}'>User not found</text></error></message>" },
        { "RFC 6120 §10.4 another server", "<message id='x' to='bob@elsewhere.test'/>", $"<message type='error' id='x'><error code='404' type='cancel'><remote-server-not-found xmlns='{Errors}'/></error></message>" },
    };

    public static TheoryData<string, string> Ignored => new()
    {
        { "CORE-141 message to the domain", "<message to='example.test'><body>b</body></message>" },
        { "CORE-141 result to the domain", "<iq type='result' id='x' to='example.test'/>" },
        { "CORE-142 error to a resource of the domain", "<message type='error' to='example.test/r'/>" },
        { "CORE-143 result to an account", "<iq type='result' id='x' to='bob@example.test'/>" },
        { "CORE-145 result to a resource that is offline", "<iq type='result' id='x' to='bob@example.test/r'/>" },
        { "CORE-150 error to an account", "<message type='error' to='bob@example.test'/>" },
        { "CORE-133 presence without mod_presence", "<presence to='bob@example.test'/>" },
        { "RFC 6120 §8.3.1 an error to another server", "<message type='error' to='bob@elsewhere.test'/>" },
    };

    [Theory] // ROU-003, ROU-005
    [MemberData(nameof(Answered))]
    public async Task Is_answered(string why, string sent, string answer)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await alice.SendAsync(sent);

        var element = await alice.ReceiveAsync();
        Assert.True(TestClient.Fits(element, Xml.XmlElement.Parse(answer, Ns.Client)), $"{why}: {element}");
        Assert.Equal(alice.Jid, element.Attribute("to"));
        Assert.Equal("error", element.FirstChild?.Name); // CORE-351: before the payload
    }

    [Theory] // ROU-003, ROU-005
    [MemberData(nameof(Ignored))]
    public async Task Is_ignored(string why, string sent)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await alice.SendAsync(sent);

        await alice.ExpectNothingAsync();
        Assert.True(server.Log.Errors.Any() is false, why);
    }

    [Fact] // CORE-144
    public async Task A_full_JID_that_is_online_gets_every_kind_of_stanza()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        foreach (var stanza in new[] { "<message type='headline'", "<message type='groupchat'", "<message type='error'", "<iq type='get' id='1'", "<iq type='set' id='2'", "<iq type='result' id='3'", "<iq type='error' id='4'" })
        {
            await alice.SendAsync($"{stanza} to='{bob.Jid}'><p xmlns='a'/></{stanza[1..].Split(' ')[0]}>");
            await bob.ExpectAsync($"{stanza} from='{alice.Jid}' to='{bob.Jid}'><p xmlns='a'/></{stanza[1..].Split(' ')[0]}>");
        }
    }

    [Theory] // RFC 6120 §8.2.3, CORE-146: what goes on to another client is looked at as well
    [InlineData("<iq type='get' id='x' to='{0}'><q xmlns='a'/><q xmlns='b'/></iq>")]
    [InlineData("<iq type='set' id='x' to='{0}'/>")]
    [InlineData("<iq type='set' id='x' to='{0}'>text</iq>")]
    [InlineData("<iq id='x' to='{0}'><q xmlns='a'/></iq>")]
    public async Task A_request_without_exactly_one_child_goes_back_and_no_further(string sent)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await alice.SendAsync(string.Format(sent, bob.Jid));

        await alice.ExpectAsync($"<iq type='error' id='x' from='{bob.Jid}'><error type='modify'><bad-request xmlns='{Errors}'/></error></iq>");
        await bob.ExpectNothingAsync();
        await alice.SendAsync($"<iq type='result' id='y' to='{bob.Jid}'/>"); // an answer may be empty
        await bob.ExpectAsync("<iq type='result' id='y'/>");
    }

    [Fact] // CORE-121, CORE-148, CORE-353
    public async Task The_bare_JID_reaches_every_session_that_never_sent_presence()
    {
        await using var server = await StartAsync();
        await using var one = await server.ConnectAsync("alice", "1");
        await using var two = await server.ConnectAsync("alice", "2");
        await one.SendAsync("<message to='alice@example.test'><body>to myself</body></message>");

        await one.ExpectAsync($"<message from='{one.Jid}' to='alice@example.test'><body>to myself</body></message>");
        await two.ExpectAsync($"<message from='{one.Jid}' to='alice@example.test'><body>to myself</body></message>");
    }

    [Theory] // CORE-148, CORE-149: every session that has the highest priority, if that is not negative; ROU-002
    [InlineData("5 5 3", "yes yes no")]
    [InlineData("0 -1 0", "yes no yes")]
    [InlineData("-1 -1 -1", "no no no")]
    [InlineData("-1 none 0", "no no yes")]
    [InlineData("none none -5", "no no no")]
    public async Task Priority_decides_who_gets_it(string priorities, string expected)
    {
        await using var server = await StartAsync();
        await using var bob = await server.ConnectAsync("bob", "b");
        var sessions = new List<TestClient>();
        foreach (var priority in priorities.Split(' '))
        {
            var session = await server.ConnectAsync("alice");
            sessions.Add(session);
            if (priority == "none")
            {
                session.Connection.Stream.Session!.SetUnavailable();
            }
            else
            {
                session.Connection.Stream.Session!.SetAvailable(Presence.Create(PresenceType.Available, null, null, Xml.XmlElement.Parse($"<priority xmlns='jabber:client'>{priority}</priority>")));
            }
        }

        await bob.SendAsync("<message to='alice@example.test' id='m'/>");
        if (!expected.Contains("yes", StringComparison.Ordinal))
        {
            await bob.ExpectAsync("<message type='error' id='m'/>");
        }

        foreach (var (session, gets) in sessions.Zip(expected.Split(' ')))
        {
            if (gets == "yes")
            {
                await session.ExpectAsync("<message id='m'/>");
            }

            await session.ExpectNothingAsync();
            await session.DisposeAsync();
        }
    }

    [Theory] // CORE-145, ROU-001, MAM-017
    [InlineData(Ns.Mam)]
    [InlineData(Ns.MamOld)]
    public async Task An_offline_resource_is_taken_for_the_bare_JID_but_not_by_an_answer_of_the_archive(string ns)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await alice.SendAsync($"<message to='bob@example.test/gone' id='1'><result xmlns='{ns}'/></message><message to='bob@example.test/gone' id='2'/>");

        await bob.ExpectAsync("<message to='bob@example.test/gone' id='2'/>");
    }

    [Fact] // CORE-135: the order in is the order of processing
    public async Task Messages_arrive_in_the_order_in_which_they_were_sent()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");
        await alice.SendAsync(string.Concat(Enumerable.Range(0, 500).Select(i => $"<message to='{bob.Jid}' id='{i}'/>")));

        for (var i = 0; i < 500; i++)
        {
            Assert.Equal($"{i}", (await bob.ReceiveAsync()).Attribute("id"));
        }
    }

    [Fact] // architecture §2: one stanza, one try
    public async Task A_module_that_fails_costs_one_stanza_and_one_log_entry()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<FailingModule>());
        await using var alice = await server.ConnectAsync("alice", "a");
        await alice.SendAsync($"<message to='{alice.Jid}' id='m'/>");

        await alice.ExpectAsync($"<message type='error' id='m'><error code='500' type='wait'><internal-server-error xmlns='{Errors}'/></error></message>");
        await alice.ExpectNothingAsync();
        Assert.Single(server.Log.Errors);
    }

    // Nothing was done, so the peer may try again: resource-constraint (RFC 6120 §8.3.3.18). No mistake of the program: no error in the log.
    [Theory]
    [InlineData(true, "resource-constraint")]
    [InlineData(false, "internal-server-error")]
    public async Task A_store_that_is_too_busy_or_gone_is_told(bool isBusy, string condition)
    {
        await using var server = await TestServer.StartAsync(with => with.Module<StorageFailingModule>());
        await using var alice = await server.ConnectAsync("alice", "a");
        var what = isBusy ? "busy" : "gone";
        await alice.SendAsync($"<message to='{alice.Jid}' id='{what}'/>");
        Assert.Contains($"<{condition} ", (await alice.ReceiveAsync()).ToString());
        await alice.SendAsync($"<iq type='get' id='q' to='example.test'><{what} xmlns='test:storage'/></iq>");
        Assert.Contains($"<{condition} ", (await alice.ReceiveAsync()).ToString());
        Assert.Empty(server.Log.Errors);
    }

    private static async Task<TestServer> StartAsync()
    {
        var server = await TestServer.StartAsync();
        await server.Accounts.AddAsync("bob@example.test", "secret");
        return server;
    }

    [Module("mod_test_failing")]
    internal sealed class FailingModule : IModule
    {
        public void Register(IModuleRegistry on) => on.Hook(MessageHooks.Sent, MessageSlot.Observe, (_, _) => throw new InvalidOperationException("on purpose"));
    }

    [Module("mod_test_storage_failing")]
    internal sealed class StorageFailingModule : IModule
    {
        public void Register(IModuleRegistry on)
        {
            on.Hook(MessageHooks.Sent, MessageSlot.Observe, (context, _) => throw Failure(context.Message.Id == "busy"));
            on.Iq("test:storage", null, IqTarget.Domain, (request, _) => throw Failure(request.Payload.Name == "busy"));
        }

        private static Exception Failure(bool isBusy) => isBusy ? new StorageBusyException("on purpose") : new StorageUnavailableException("on purpose");
    }
}
