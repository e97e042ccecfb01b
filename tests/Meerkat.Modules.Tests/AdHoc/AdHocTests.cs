using Meerkat.Core.Modules;
using Meerkat.Modules.AdHoc;
using Meerkat.Modules.Disco;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.AdHoc;

public sealed class AdHocTests
{
    private const string Commands = "http://jabber.org/protocol/commands";
    private const string Info = "http://jabber.org/protocol/disco#info";
    private const string Items = "http://jabber.org/protocol/disco#items";

    [Fact] // ADH-001, XEP-0050 §2.1
    public async Task The_server_and_accounts_say_that_they_have_commands()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");

        foreach (var entity in new[] { server.Domain, alice.BareJid })
        {
            await alice.SendAsync($"<iq type='get' id='1' to='{entity}'><query xmlns='{Info}'/></iq>");
            await alice.ExpectAsync($"<iq type='result' id='1'><query xmlns='{Info}'><feature var='{Commands}'/></query></iq>");
            await alice.SendAsync($"<iq type='get' id='2' to='{entity}'><query xmlns='{Info}' node='{Commands}'/></iq>");
            await alice.ExpectAsync($"<iq type='result' id='2'><query xmlns='{Info}' node='{Commands}'><identity category='automation' type='command-list'/></query></iq>");
        }
    }

    [Theory] // ADH-001
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_list_of_commands_is_among_the_items_only_if_it_is_to_be_reported(bool report)
    {
        await using var server = await StartAsync(new AdHocOptions { ReportCommandsNode = report });
        await using var alice = await server.ConnectAsync("alice");

        foreach (var entity in new[] { server.Domain, alice.BareJid })
        {
            var items = await alice.AskAsync($"<iq type='get' to='{entity}'><query xmlns='{Items}'/></iq>");
            Assert.Equal("result", items.Attribute("type"));
            Assert.Equal(report, items.Child("query", Items)!.Value.Children.Any(item => item.Attribute("node") == Commands && item.Attribute("jid") == entity));
        }
    }

    [Fact] // XEP-0050 §2.2
    public async Task Commands_are_listed_and_described()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");

        await alice.SendAsync($"<iq type='get' id='1' to='{server.Domain}'><query xmlns='{Items}' node='{Commands}'/></iq>");
        await alice.ExpectAsync($"<iq type='result' id='1'><query xmlns='{Items}' node='{Commands}'><item jid='{server.Domain}' node='ping' name='Ping'/></query></iq>");
        await alice.SendAsync($"<iq type='get' id='2' to='{server.Domain}'><query xmlns='{Info}' node='ping'/></iq>");
        await alice.ExpectAsync($"""
            <iq type='result' id='2'><query xmlns='{Info}' node='ping'><identity category='automation' type='command-node' name='Ping'/>
            <feature var='{Commands}'/><feature var='jabber:x:data'/></query></iq>
            """);
        await alice.SendAsync($"<iq type='get' id='3' to='{server.Domain}'><query xmlns='{Items}' node='ping'/></iq>");
        var none = await alice.ExpectAsync($"<iq type='result' id='3'><query xmlns='{Items}' node='ping'/></iq>");
        Assert.Empty(none.Child("query", Items)!.Value.Children.ToArray());
        await alice.SendAsync($"<iq type='get' id='4' to='{alice.BareJid}'><query xmlns='{Info}' node='ping'/></iq>");
        await alice.ExpectAsync("<iq type='error' id='4'><error><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    [Theory] // ADH-002, ADH-003
    [InlineData("")]
    [InlineData("action='execute'")]
    public async Task Ping_is_completed_with_a_note_and_gets_a_session_of_the_time(string action)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");

        await alice.SendAsync($"<iq type='set' id='1' to='{server.Domain}'><command xmlns='{Commands}' node='ping' {action}/></iq>");
        await alice.ExpectAsync($"""
            <iq type='result' id='1'><command xmlns='{Commands}' node='ping' status='completed' sessionid='2030-01-02T03:04:05Z'>
            <note type='info'>Pong</note></command></iq>
            """);
        await alice.SendAsync($"<iq type='set' id='2' to='{server.Domain}'><command xmlns='{Commands}' node='ping' sessionid='mine' {action}/></iq>");
        await alice.ExpectAsync($"<iq type='result' id='2'><command xmlns='{Commands}' node='ping' status='completed' sessionid='mine'/></iq>");
    }

    [Theory] // ADH-002, XEP-0050 §4.4
    [InlineData("set", "command", "node='ping' action='cancel'", "bad-request", "bad-action")]
    [InlineData("set", "command", "node='ping' action='complete'", "bad-request", "bad-action")]
    [InlineData("set", "command", "node='ping' action='next'", "bad-request", "bad-action")]
    [InlineData("set", "command", "node='ping' action='prev'", "bad-request", "bad-action")]
    [InlineData("set", "command", "node='ping' action='jump'", "bad-request", "malformed-action")]
    [InlineData("set", "command", "node='what'", "item-not-found", null)]
    [InlineData("set", "command", "", "item-not-found", null)]
    [InlineData("get", "command", "node='ping'", "bad-request", null)]
    [InlineData("set", "other", "node='ping'", "bad-request", null)]
    public async Task What_is_no_command_is_refused(string type, string name, string attributes, string condition, string? detail)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");

        var answer = await alice.AskAsync($"<iq type='{type}' to='{server.Domain}'><{name} xmlns='{Commands}' {attributes}/></iq>");

        var error = answer.Child("error", "jabber:client")!.Value;
        Assert.NotNull(error.Child(condition, "urn:ietf:params:xml:ns:xmpp-stanzas"));
        Assert.Equal(detail is not null, detail is not null && error.Child(detail, Commands) is not null);
    }

    [Fact] // ADH-004, XEP-0050 §2.4: steps of a module's command, the session and node kept
    public async Task Another_module_adds_commands_of_accounts_and_says_whose_they_are()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<DiscoModule>().Module<AdHocModule>().Module<GreetingModule>());
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");

        await alice.SendAsync($"<iq type='get' id='1' to='{alice.BareJid}'><query xmlns='{Items}' node='{Commands}'/></iq>");
        await alice.ExpectAsync($"<iq type='result' id='1'><query xmlns='{Items}'><item jid='{alice.BareJid}' node='greet' name='Greet'/></query></iq>");
        await alice.SendAsync($"<iq type='set' id='2' to='{alice.BareJid}'><command xmlns='{Commands}' node='greet' sessionid='s'/></iq>");
        await alice.ExpectAsync($"<iq type='result' id='2'><command xmlns='{Commands}' node='greet' sessionid='s' status='executing'><actions><complete/></actions></command></iq>");
        await alice.SendAsync($"<iq type='set' id='3' to='{alice.BareJid}'><command xmlns='{Commands}' node='greet' sessionid='s' action='complete'/></iq>");
        await alice.ExpectAsync($"<iq type='result' id='3'><command xmlns='{Commands}' node='greet' sessionid='s' status='completed'><note type='info'>Hello</note></command></iq>");
        await alice.SendAsync($"<iq type='set' id='4' to='{alice.BareJid}'><command xmlns='{Commands}' node='greet' sessionid='s' action='cancel'/></iq>");
        await alice.ExpectAsync($"<iq type='result' id='4'><command xmlns='{Commands}' node='greet' sessionid='s' status='canceled'/></iq>");

        await bob.SendAsync($"<iq type='set' id='5' to='{alice.BareJid}'><command xmlns='{Commands}' node='greet'/></iq>");
        await bob.ExpectAsync("<iq type='error' id='5'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        await bob.SendAsync($"<iq type='get' id='6' to='{alice.BareJid}'><query xmlns='{Items}' node='{Commands}'/></iq>");
        await bob.ExpectAsync("<iq type='error' id='6'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"); // DSC-006
        await bob.SendAsync($"<iq type='set' id='7' to='{server.Domain}'><command xmlns='{Commands}' node='greet'/></iq>");
        await bob.ExpectAsync("<iq type='error' id='7'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    private static Task<TestServer> StartAsync(AdHocOptions? options = null) =>
        TestServer.StartAsync(with => with.Module<DiscoModule>().Module<AdHocModule>(options));
}

/// <summary>A command of two steps for the tests, which an account keeps to itself.</summary>
[Module("mod_greeting"), Needs("mod_adhoc")]
public sealed class GreetingModule(IAdHoc adHoc) : IModule, IAdHocCommand
{
    /// <inheritdoc/>
    public string Node => "greet";

    /// <inheritdoc/>
    public string Name => "Greet";

    /// <inheritdoc/>
    public void Register(IModuleRegistry on) => adHoc.AddToAccounts(this);

    /// <inheritdoc/>
    public bool IsFor(Jid requester, BareJid entity) => requester.Bare.Equals(entity);

    /// <inheritdoc/>
    public ValueTask<AdHocReply> RunAsync(AdHocRequest request, CancellationToken ct) => new(request.Action switch
    {
        AdHocAction.Execute => new AdHocReply(AdHocStatus.Executing, new XmlBuilder("actions", Ns.Commands).Element("complete").Build()),
        AdHocAction.Cancel => new AdHocReply(AdHocStatus.Canceled),
        _ => AdHocReply.Done("Hello"),
    });
}
