using Meerkat.Core.Sessions;
using Meerkat.Core.Streams;
using Meerkat.Modules.Presences;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Sessions;

// OPS-068, GQA-SESSION-01 to GQA-SESSION-10
public sealed class SessionOperationsTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact] // CORE-120
    public async Task Sessions_are_listed_and_counted_by_domain_and_account()
    {
        await using var server = await TestServer.StartAsync(with => with.Domains = ["example.test", "two.test"]);
        var operations = new SessionOperations(server.Context);
        await using var bob = await server.ConnectAsync("bob", "r");
        await using var alice = await server.ConnectAsync("alice", "second");
        await using var early = await server.ConnectAsync("alice", "a");
        await using var other = await server.ConnectAsync("alice", "x", "two.test");
        server.Time.Advance(TimeSpan.FromSeconds(9));

        Assert.Equal(["alice@example.test/a", "alice@example.test/second", "bob@example.test/r"], (await operations.ListAsync("Example.Test", None))!.Select(session => session.User.ToString()));
        Assert.Equal(4, (await operations.ListAsync(domain: null, None))!.Count);
        Assert.Null(await operations.ListAsync("elsewhere.test", None));
        Assert.Equal(1, await operations.CountAsync("two.test", None));
        Assert.Equal(4, await operations.CountAsync(null, None));
        Assert.Null(await operations.CountAsync("elsewhere.test", None));

        var found = (await operations.ListAsync(BareJid.Parse("alice@example.test"), None))!;
        Assert.Equal(["second", "a"], found.Select(session => session.User.Resource));
        Assert.Equal(new SessionDetails(FullJid.Parse("alice@example.test/a"), "tcp", "127.0.0.1", 40000, 0, Environment.MachineName, TimeSpan.FromSeconds(9)), found[1]);
        Assert.Null(await operations.ListAsync(BareJid.Parse("nobody@example.test"), None));

        Assert.Equal((SessionResult.Ok, "a"), await operations.FindResourceAsync(BareJid.Parse("alice@example.test"), 2, None));
        Assert.Equal((SessionResult.WrongResNumber, null), await operations.FindResourceAsync(BareJid.Parse("alice@example.test"), 3, None));
        Assert.Equal((SessionResult.WrongResNumber, null), await operations.FindResourceAsync(BareJid.Parse("alice@example.test"), 0, None));
        Assert.Equal((SessionResult.UserNotFound, null), await operations.FindResourceAsync(BareJid.Parse("nobody@example.test"), 1, None));
    }

    [Fact] // GQA-SESSION-01: tls when encrypted
    public async Task An_encrypted_connection_is_called_tls()
    {
        await using var server = await TestServer.StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var alice = server.Open(facts: new TransportFacts("websocket", null, IsEncrypted: true));
        await alice.LogInAsync("alice", "example.test", "secret");
        await alice.BindAsync("r");

        Assert.Equal(("tls", null), Assert.Single((await new SessionOperations(server.Context).ListAsync("example.test", None))!) is var session ? (session.Connection, session.Ip) : default);
    }

    [Fact] // GQA-SESSION-06, GQA-SESSION-10
    public async Task A_presence_is_set_and_found_by_what_it_shows()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<PresenceModule>());
        var operations = new SessionOperations(server.Context);
        await using var alice = await server.ConnectAsync("alice", "r");
        await using var bob = await server.ConnectAsync("bob", "r");
        await bob.BecomeAvailableAsync();

        Assert.Equal(SessionResult.Ok, await operations.SetPresenceAsync(FullJid.Parse(alice.Jid), PresenceType.Available, "dnd", "busy", 7, None));
        await alice.ExpectAsync($"<presence from='{alice.Jid}'><show>dnd</show><status>busy</status><priority>7</priority></presence>");
        Assert.Equal([new SessionStatus(FullJid.Parse(alice.Jid), 7, "busy")], await operations.ListWithStatusAsync("example.test", "dnd", None));
        Assert.Equal([new SessionStatus(FullJid.Parse(bob.Jid), 0, "")], await operations.ListWithStatusAsync(null, "available", None));
        Assert.Empty((await operations.ListWithStatusAsync("example.test", "unavailable", None))!);
        Assert.Null(await operations.ListWithStatusAsync("elsewhere.test", "available", None));

        Assert.Equal(SessionResult.Ok, await operations.SetPresenceAsync(FullJid.Parse(alice.Jid), PresenceType.Unavailable, null, null, null, None));
        Assert.Equal([new SessionStatus(FullJid.Parse(alice.Jid), null, "")], await operations.ListWithStatusAsync("example.test", "unavailable", None));

        Assert.Equal(SessionResult.EmptyResource, await operations.SetPresenceAsync(BareJid.Parse("alice@example.test"), PresenceType.Available, null, null, null, None));
        Assert.Equal(SessionResult.NoSession, await operations.SetPresenceAsync(FullJid.Parse("alice@example.test/no"), PresenceType.Available, null, null, null, None));
        Assert.Equal(SessionResult.UserNotFound, await operations.SetPresenceAsync(FullJid.Parse("nobody@example.test/r"), PresenceType.Available, null, null, null, None));
    }

    [Fact] // CORE-039, GQA-SESSION-08, GQA-SESSION-09
    public async Task Sessions_are_ended_with_the_reason()
    {
        await using var server = await TestServer.StartAsync();
        var operations = new SessionOperations(server.Context);
        await using var one = await server.ConnectAsync("alice", "one");
        await using var two = await server.ConnectAsync("alice", "two");
        await using var three = await server.ConnectAsync("alice", "three");

        Assert.Equal(SessionResult.Ok, await operations.KickAsync(FullJid.Parse("alice@example.test/one"), "go away", None));
        Assert.Equal(2, await operations.CountAsync(null, None));
        Assert.Equal("go away", (await one.ExpectStreamErrorAsync("conflict")).Child("text", Ns.StreamErrors)?.Text);
        Assert.Equal(SessionResult.NoSession, await operations.KickAsync(FullJid.Parse("alice@example.test/one"), null, None));
        Assert.Equal(SessionResult.UserNotFound, await operations.KickAsync(FullJid.Parse("nobody@example.test/one"), null, None));

        KickedSession[] kicked = [new(FullJid.Parse(two.Jid), SessionResult.Ok), new(FullJid.Parse(three.Jid), SessionResult.Ok)];
        Assert.Equal(kicked, await operations.KickAsync(BareJid.Parse("alice@example.test"), "", None));
        Assert.Equal(SessionOperations.DefaultReason, (await two.ExpectStreamErrorAsync("conflict")).Child("text", Ns.StreamErrors)?.Text);
        Assert.Equal([], await operations.KickAsync(BareJid.Parse("alice@example.test"), null, None));
        Assert.Null(await operations.KickAsync(BareJid.Parse("nobody@example.test"), null, None));
    }
}
