using Meerkat.Modules.Offline;
using Meerkat.Testing;
using Meerkat.Modules.Tests.Doubles;
using Xunit;

namespace Meerkat.Modules.Tests.Offline;

/// <summary>Which messages are kept, and what their senders hear.</summary>
public sealed class OfflineRuleTests
{
    public static TheoryData<string, bool> Messages => new()
    {
        // XEP-0160 §3, OFF-002; body, then whether it is stored.
        { "<body>hello</body>", true },
        { "", true },
        { "<subject>s</subject>", true },
        { "<received xmlns='urn:xmpp:receipts' id='1'/>", true },
        { "<active xmlns='http://jabber.org/protocol/chatstates'/>", false },
        { "<gone xmlns='http://jabber.org/protocol/chatstates'/>", false },
        { "<thread>t</thread><composing xmlns='http://jabber.org/protocol/chatstates'/>", false },
        { "<composing xmlns='http://jabber.org/protocol/chatstates'/><no-store xmlns='urn:xmpp:hints'/>", false },
        { "<body>hello</body><active xmlns='http://jabber.org/protocol/chatstates'/>", true },
        { "<active xmlns='http://jabber.org/protocol/chatstates'/><received xmlns='urn:xmpp:receipts' id='1'/>", true },
        { "<x xmlns='jabber:x:event'><composing/><id>1</id></x>", false },
        { "<x xmlns='jabber:x:event'><composing/></x>", true },
        { "<body>hello</body><x xmlns='jabber:x:event'><composing/><id>1</id></x>", false },
    };

    [Theory] // OFF-002
    [MemberData(nameof(Messages))]
    public async Task A_message_is_stored_unless_it_only_tells_a_state(string content, bool stored)
    {
        await using var server = await TestServer.StartAsync(with => with.Module<OfflineModule>().Module<PlainPresenceModule>());
        await server.Accounts.AddAsync("bob@example.test", "secret");
        await using var alice = await server.ConnectAsync("alice");

        await alice.SendAsync($"<message to='bob@example.test' type='chat' id='m1'>{content}</message>");
        if (!stored)
        {
            await alice.ExpectAsync("<message type='error' id='m1'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        }

        await alice.ExpectNothingAsync();
        await using var bob = await server.ConnectAsync("bob");
        await bob.SendAsync("<presence/>");
        if (stored)
        {
            await bob.ExpectAsync($"<message from='{alice.Jid}' to='bob@example.test' type='chat' id='m1'>{content}<delay xmlns='urn:xmpp:delay'/></message>");
        }

        await bob.ExpectAsync("<presence/>");
    }

    [Theory] // CORE-150, CORE-151, CORE-152, ROU-003: other types are no business of offline storage
    [InlineData("headline", true)]
    [InlineData("groupchat", true)]
    [InlineData("error", false)]
    public async Task Messages_of_other_types_are_not_stored(string type, bool bounced)
    {
        await using var server = await TestServer.StartAsync(with => with.Module<OfflineModule>().Module<PlainPresenceModule>());
        await server.Accounts.AddAsync("bob@example.test", "secret");
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync($"<message to='bob@example.test' type='{type}' id='m1'><body>b</body></message>");
        if (bounced)
        {
            await alice.ExpectAsync("<message type='error' id='m1'/>");
        }

        await alice.ExpectNothingAsync();
        await using var bob = await server.ConnectAsync("bob");
        await bob.SendAsync("<presence/>");
        await bob.ExpectAsync("<presence/>");
    }

    [Fact] // store_groupchat_messages
    public async Task Groupchat_messages_are_stored_where_that_is_wanted()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<OfflineModule>(new OfflineOptions { StoreGroupchatMessages = true }).Module<PlainPresenceModule>());
        await server.Accounts.AddAsync("bob@example.test", "secret");
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='bob@example.test' type='groupchat'><body>b</body></message>");
        await alice.ExpectNothingAsync();
        await using var bob = await server.ConnectAsync("bob");
        await bob.SendAsync("<presence/>");
        await bob.ExpectAsync("<message type='groupchat'><body>b</body><delay xmlns='urn:xmpp:delay'/></message>");
    }

    [Fact] // OFF-002, XEP-0022 §3.1
    public async Task Who_asks_is_told_that_a_message_was_stored()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<OfflineModule>());
        await server.Accounts.AddAsync("bob@example.test", "secret");
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='bob@example.test' id='m1'><body>b</body><x xmlns='jabber:x:event'><offline/></x></message>");
        await alice.ExpectAsync("<message from='bob@example.test'><x xmlns='jabber:x:event'><offline/><id>m1</id></x></message>");
    }

    [Fact] // CORE-153, ROU-003, CORE-155
    public async Task Nothing_is_stored_for_an_account_that_does_not_exist()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<OfflineModule>());
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='nobody@example.test' id='m1'><body>b</body></message>");
        await alice.ExpectAsync("<message type='error' id='m1'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
    }

    [Fact] // OFS-001
    public async Task The_stub_swallows_what_nobody_keeps()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<OfflineStubModule>());
        await server.Accounts.AddAsync("bob@example.test", "secret");
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='bob@example.test' id='m1'><body>b</body></message>");
        await alice.ExpectNothingAsync();
        await alice.SendAsync("<message to='bob@example.test' type='headline' id='m2'><body>b</body></message>");
        await alice.ExpectAsync("<message type='error' id='m2'/>");
    }

    [Fact] // OFF-001
    public async Task The_feature_is_announced_for_the_domain_and_for_accounts()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<OfflineModule>());
        Assert.Contains("msgoffline", server.Host.Features);
        Assert.Contains("msgoffline", server.Host.AccountFeatures);
    }
}
