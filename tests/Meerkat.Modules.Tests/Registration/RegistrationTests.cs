using System.Net;
using Meerkat.Core.Access;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Core.Streams;
using Meerkat.Modules.Registration;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Registration;

public sealed class RegistrationTests
{
    [Fact] // AUTH-125, REG-001, CORE-061
    public async Task The_stream_feature_is_there_before_and_after_authentication()
    {
        await using var server = await StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        var client = server.Open();
        Assert.NotNull((await client.OpenStreamAsync()).Child("register", Ns.RegisterFeature));
        await client.SendAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGFsaWNlAHNlY3JldA==</auth>");
        await client.ExpectAsync("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        Assert.NotNull((await client.OpenStreamAsync()).Child("register", Ns.RegisterFeature));
    }

    [Fact] // AUTH-126, AUTH-127, REG-002, XEP-0077 §3.1.1
    public async Task Before_login_the_form_asks_for_a_name_and_a_password()
    {
        await using var server = await StartAsync();
        var client = await OpenAsync(server);
        await client.SendAsync("<iq type='get' id='1'><query xmlns='jabber:iq:register'/></iq>");
        var answer = await client.ExpectAsync(
            "<iq type='result' id='1' from='example.test'><query xmlns='jabber:iq:register'><instructions>Choose a username and password to register with this server</instructions><username/><password/></query></iq>");
        Assert.Null(answer.FirstChild!.Value.Child("registered"));
        Assert.Equal("", answer.FirstChild!.Value.ChildText("username"));
    }

    [Fact] // RFC 6120 §8.2.3
    public async Task A_request_with_two_queries_registers_nobody()
    {
        await using var server = await StartAsync();
        var client = await OpenAsync(server);
        await client.SendAsync("<iq type='set' id='1'><query xmlns='jabber:iq:register'><username>bob</username><password>tresor</password></query><query xmlns='jabber:iq:register'/></iq>");
        await client.ExpectAsync("<iq type='error' id='1'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        Assert.NotEqual(Existence.Yes, await server.Host.Auth.StoredExistsAsync(BareJid.Parse("bob@example.test"), TestContext.Current.CancellationToken));
    }

    [Fact] // AUTH-127, REG-002
    public async Task After_login_the_form_says_who_one_is()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        foreach (var to in new[] { "", $" to='{server.Domain}'" })
        {
            await alice.SendAsync($"<iq type='get' id='1'{to}><query xmlns='jabber:iq:register'/></iq>");
            await alice.ExpectAsync("<iq type='result' id='1'><query xmlns='jabber:iq:register'><registered/><username>alice</username><password/></query></iq>");
        }
    }

    [Fact] // AUTH-133, AUTH-136, XEP-0077 §3.1.1
    public async Task Who_has_registered_can_log_in_on_the_same_stream()
    {
        await using var server = await StartAsync();
        var client = await OpenAsync(server);
        await client.SendAsync(Set("Bob", "tresor"));
        await client.ExpectAsync("<iq type='result' id='r' from='example.test'><query xmlns='jabber:iq:register'><username>Bob</username><password>tresor</password></query></iq>");
        await client.SendAsync($"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{Convert.ToBase64String("\0bob\0tresor"u8)}</auth>");
        await client.ExpectAsync("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    }

    public static TheoryData<string> Malformed =>
    [
        "", // AUTH-129
        "<username>x</username>", // AUTH-131
        "<x xmlns='jabber:x:data' type='submit'/>", // AUTH-131, AUTH-144
        "<remove/><username>x</username>", // AUTH-132
        "<remove/><username>x</username><password>y</password>",
        "<username>x</username><email>x@y</email>", // AUTH-134
        "<password>x</password><email>x@y</email>",
    ];

    [Theory, MemberData(nameof(Malformed))] // AUTH-129 to AUTH-134, REG-003, AUTH-128
    public async Task What_is_no_request_is_a_bad_one(string children)
    {
        await using var server = await StartAsync();
        var request = $"<iq type='set' id='r'><query xmlns='jabber:iq:register'>{children}</query></iq>";
        var error = $"<iq type='error' id='r'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error><query xmlns='jabber:iq:register'>{children}</query></iq>";
        var client = await OpenAsync(server);
        await client.SendAsync(request);
        await client.ExpectAsync(error);
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync(request);
        await alice.ExpectAsync(error);
    }

    [Fact] // AUTH-136: exists
    public async Task A_name_that_is_taken_is_a_conflict()
    {
        await using var server = await StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await ExpectRefusalAsync(server, Set("ALICE", "x"), "<error type='cancel'><conflict xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>");
        Assert.True(await server.Host.Auth.CheckPasswordAsync(BareJid.Parse("alice@example.test"), "secret", default));
    }

    [Theory] // AUTH-136, REG-004
    [InlineData("a@b", "x", "modify", "bad-request")]
    [InlineData("", "x", "modify", "bad-request")]
    [InlineData("bob", "", "modify", "not-acceptable")]
    public async Task Unusable_names_and_passwords_are_refused(string name, string password, string type, string condition)
    {
        await using var server = await StartAsync();
        await ExpectRefusalAsync(server, Set(name, password), $"<error type='{type}'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>");
    }

    [Fact] // AUTH-136: access rule for the new JID
    public async Task The_access_rule_decides_who_may_have_an_account()
    {
        await using var server = await StartAsync(new() { Access = "register" }, with: DenyMallory);
        await ExpectRefusalAsync(server, Set("mallory", "x"), "<error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>");
        Assert.Equal("result", (await RegisterAsync(server, "bob", "x")).Attribute("type"));
    }

    [Fact] // AUTH-135, REG-005
    public async Task The_access_rule_holds_for_those_who_are_logged_in()
    {
        await using var server = await StartAsync(new() { Access = "register" }, with: DenyMallory);
        await using var mallory = await server.ConnectAsync("mallory");
        await mallory.SendAsync(Set("bob", "x"));
        await mallory.ExpectAsync("<iq type='error' id='r'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        await mallory.SendAsync(Set("mallory", "other"));
        await mallory.ExpectAsync("<iq type='error' id='r'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        await mallory.SendAsync("<iq type='set' id='r'><query xmlns='jabber:iq:register'><remove/></query></iq>");
        await mallory.ExpectAsync("<iq type='error' id='r'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    [Fact] // AUTH-136, AUTH-139
    public async Task Addresses_that_are_denied_cannot_register()
    {
        var options = new RegistrationOptions
        {
            IpAccess =
            [
                new() { Address = "127.0.0.0/8", Policy = IpPolicy.Allow },
                new() { Address = "0.0.0.0/0", Policy = IpPolicy.Deny },
            ],
        };
        await using var server = await StartAsync(options);
        Assert.Equal("result", (await RegisterAsync(server, "a", "x", "127.0.0.9")).Attribute("type"));
        Assert.Equal("result", (await RegisterAsync(server, "b", "x", "::ffff:127.0.0.1")).Attribute("type"));
        Assert.Equal("result", (await RegisterAsync(server, "c", "x", "2001:db8::1")).Attribute("type"));
        var refused = await RegisterAsync(server, "d", "x", "192.0.2.1");
        Assert.True(TestClient.Fits(refused, XmlElement.Parse("<iq type='error'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>", Ns.Client)), refused.ToString());
    }

    [Fact] // AUTH-136, AUTH-140
    public async Task A_weak_password_is_not_acceptable()
    {
        await using var server = await StartAsync(new() { PasswordStrength = 40 });
        await ExpectRefusalAsync(
            server,
            Set("bob", "abcdefgh"), // 8 × log2(26) = 37.6
            "<error type='modify'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>The password is too weak</text></error>");
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync(Set("alice", "abcdefgh")); // AUTH-141
        await alice.ExpectAsync("<iq type='error' id='r'><error type='modify'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        await alice.SendAsync(Set("alice", "abcdefghi"));
        await alice.ExpectAsync("<iq type='result' id='r'/>");
    }

    [Fact] // AUTH-124, AUTH-137
    public async Task A_full_domain_takes_no_more_accounts()
    {
        await using var server = await StartAsync(with: with => with.Auth = new AuthOptions { Internal = new(), Password = new() { Format = PasswordFormat.Plain }, MaxUsersPerDomain = 1 });
        Assert.Equal("result", (await RegisterAsync(server, "a", "x")).Attribute("type"));
        await ExpectRefusalAsync(server, Set("b", "x"), "<error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>");
    }

    [Fact] // AUTH-138
    public async Task An_address_registers_once_in_the_window()
    {
        await using var server = await StartAsync(timeout: TimeSpan.FromSeconds(600));
        Assert.Equal("error", (await RegisterAsync(server, "", "x")).Attribute("type")); // a failed attempt occupies the window too
        await ExpectRefusalAsync(
            server,
            Set("b", "x"),
            "<error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>Users are not allowed to register accounts so quickly</text></error>");
        Assert.Equal("result", (await RegisterAsync(server, "b", "x", "192.0.2.7")).Attribute("type"));
        server.Time.Advance(TimeSpan.FromSeconds(599));
        Assert.Equal("error", (await RegisterAsync(server, "c", "x")).Attribute("type"));
        server.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("result", (await RegisterAsync(server, "c", "x")).Attribute("type"));
    }

    [Fact] // AUTH-138: the key is the JID; REG-005: no limit for changing the password
    public async Task Who_is_logged_in_registers_others_once_in_the_window_from_any_resource()
    {
        await using var server = await StartAsync(timeout: TimeSpan.FromSeconds(600));
        await using var alice = await server.ConnectAsync("alice");
        await using var alice2 = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await alice.SendAsync(Set("carol", "x"));
        await alice.ExpectAsync("<iq type='result' id='r'><query xmlns='jabber:iq:register'><username>carol</username></query></iq>");
        await alice2.SendAsync(Set("dave", "x"));
        await alice2.ExpectAsync("<iq type='error' id='r'><error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        await bob.SendAsync(Set("dave", "x"));
        await bob.ExpectAsync("<iq type='result' id='r'/>");
        await alice.SendAsync(Set("alice", "x"));
        await alice.ExpectAsync("<iq type='result' id='r'/>");
    }

    [Fact] // AUTH-141, REG-005, AUTH-128, XEP-0077 §3.3
    public async Task Ones_own_name_changes_the_password_and_sessions_stay()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync(Set("alice", "").Replace("<iq ", $"<iq to='{server.Domain}' ", StringComparison.Ordinal));
        await alice.ExpectAsync("<iq type='error' id='r'><error type='modify'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        await alice.SendAsync(Set("alice", "newer"));
        var result = await alice.ExpectAsync("<iq type='result' id='r'/>");
        Assert.Null(result.FirstChild);
        Assert.True(await server.Host.Auth.CheckPasswordAsync(BareJid.Parse("alice@example.test"), "newer", default));
        await alice.ExpectNothingAsync();
    }

    [Fact] // AUTH-130, AUTH-142, REG-006, AUTH-128, XEP-0077 §3.2
    public async Task Removal_is_answered_first_and_ends_all_sessions()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var alice2 = await server.ConnectAsync("alice");
        await alice.SendAsync("<iq type='set' id='r'><query xmlns='jabber:iq:register'><remove/></query></iq>");
        await alice.ExpectAsync("<iq type='result' id='r'/>");
        var error = await alice.ExpectStreamErrorAsync("conflict");
        Assert.Equal("User removed", error.Child("text", Ns.StreamErrors)?.Text);
        await alice2.ExpectStreamErrorAsync("conflict");
        Assert.Equal(Existence.No, await server.Host.Auth.ExistsAsync(BareJid.Parse("alice@example.test"), default));
    }

    [Fact] // AUTH-142
    public async Task Nobody_removes_an_account_before_logging_in()
    {
        await using var server = await StartAsync();
        await ExpectRefusalAsync(
            server,
            "<iq type='set' id='r'><query xmlns='jabber:iq:register'><remove/></query></iq>",
            "<error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>");
    }

    [Fact] // AUTH-126: the own account only
    public async Task Another_account_cannot_be_asked()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await alice.SendAsync($"<iq type='set' id='r' to='{bob.BareJid}'><query xmlns='jabber:iq:register'><remove/></query></iq>");
        await alice.ExpectAsync("<iq type='error' id='r'><error type='auth'><forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
    }

    [Fact] // AUTH-143, REG-008
    public async Task Watchers_are_told_and_the_new_user_is_welcomed()
    {
        var options = new RegistrationOptions
        {
            RegistrationWatchers = ["admin@example.test"],
            WelcomeMessage = new() { Subject = "Hi", Body = "Be well" },
        };
        await using var server = await StartAsync(options);
        await using var admin = await server.ConnectAsync("admin");
        await using var watched = await server.ConnectAsync("newcomer");
        await watched.ExpectNothingAsync(); // bound: messages to the bare JID reach the session
        await server.Accounts.Store.RemoveAsync(BareJid.Parse("newcomer@example.test"), default);

        Assert.Equal("result", (await RegisterAsync(server, "newcomer", "x", "192.0.2.9")).Attribute("type"));

        await watched.ExpectAsync("<message from='example.test'><subject>Hi</subject><body>Be well</body></message>");
        var told = await admin.ExpectAsync("<message from='example.test' type='chat'><body/></message>");
        var body = told.ChildText("body")!;
        Assert.All(["2030-01-02T03:04:05Z", "newcomer@example.test", "192.0.2.9", Environment.MachineName, "mod_register"], part => Assert.Contains(part, body, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_log_never_shows_a_password()
    {
        await using var server = await StartAsync();
        await RegisterAsync(server, "bob", "hush-hush");
        await RegisterAsync(server, "bob", "hush-hush");
        Assert.DoesNotContain(server.Log.Entries, entry => entry.Text.Contains("hush-hush", StringComparison.Ordinal));
        Assert.Contains(server.Log.Entries, entry => entry.Text.Contains("bob@example.test was registered", StringComparison.Ordinal));
    }

    private static Task<TestServer> StartAsync(RegistrationOptions? options = null, TimeSpan? timeout = null, Action<TestServerBuilder>? with = null) =>
        TestServer.StartAsync(builder =>
        {
            builder.General = new GeneralOptions { DefaultServerDomain = "example.test", RegistrationTimeout = timeout };
            with?.Invoke(builder);
            builder.Module<RegistrationModule>(options);
        });

    // CORE-013: a person fills the form in, and takes longer than a program.
    [Fact]
    public async Task There_is_time_to_fill_the_form_in()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<RegistrationModule>());
        await using var client = await OpenAsync(server);
        await client.SendAsync("<iq type='get' id='form'><query xmlns='jabber:iq:register'/></iq>");
        await client.ReceiveAsync();
        server.Time.Advance(TimeSpan.FromSeconds(170));
        await client.SendAsync(Set("slow", "secret"));
        await client.ExpectAsync("<iq type='result' id='r'/>");
        await WaitAsync(server, client, TimeSpan.FromSeconds(180));
    }

    [Fact]
    public async Task Who_may_not_register_gets_no_time()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<RegistrationModule>(new RegistrationOptions
        {
            IpAccess = [new IpAccessOptions { Address = "0.0.0.0/0", Policy = IpPolicy.Deny }],
        }));
        await using var client = await OpenAsync(server);
        await client.SendAsync("<iq type='get' id='form'><query xmlns='jabber:iq:register'/></iq>");
        await client.ReceiveAsync();
        await WaitAsync(server, client, TimeSpan.FromSeconds(5));
    }

    // The time-out is set again after what was read is handled, which the answer may precede.
    private static async Task WaitAsync(TestServer server, TestClient client, TimeSpan limit)
    {
        var error = client.ExpectStreamErrorAsync("connection-timeout");
        for (var i = 0; i < 100 && !error.IsCompleted; i++)
        {
            server.Time.Advance(limit);
            await Task.WhenAny(error, Task.Delay(20, TestContext.Current.CancellationToken));
        }

        await error;
    }

    private static void DenyMallory(TestServerBuilder with)
    {
        with.Acl["bad"] = [new AclPattern { User = "mallory" }];
        with.Access["register"] = [new AccessClause { Acl = "bad", Value = AccessValue.Deny }, new AccessClause { Acl = "all", Value = AccessValue.Allow }];
    }

    private static async Task<TestClient> OpenAsync(TestServer server, string address = "127.0.0.1")
    {
        var client = server.Open(facts: new TransportFacts("memory", new IPEndPoint(IPAddress.Parse(address), 40000), false));
        await client.OpenStreamAsync();
        return client;
    }

    private static async Task<XmlElement> RegisterAsync(TestServer server, string name, string password, string address = "127.0.0.1")
    {
        await using var client = await OpenAsync(server, address);
        await client.SendAsync(Set(name, password));
        return await client.ReceiveAsync();
    }

    private static async Task ExpectRefusalAsync(TestServer server, string request, string error)
    {
        await using var client = await OpenAsync(server);
        await client.SendAsync(request);
        await client.ExpectAsync($"<iq type='error' id='r' from='example.test'>{error}<query xmlns='jabber:iq:register'/></iq>"); // REG-004: the query is echoed
    }

    private static string Set(string name, string password) =>
        $"<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>{name}</username><password>{password}</password></query></iq>";
}
