using System.Text;
using Meerkat.Core.Accounts;
using Meerkat.Core.Streams;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Streams;

/// <summary>CORE §6 and §7: what is offered, and how attempts end. The mechanisms themselves are tested with Meerkat.Xmpp.</summary>
public sealed class AuthenticationTests
{
    [Fact] // CORE-064, CORE-065, CORE-067
    public async Task The_mechanisms_that_passwords_allow_are_offered_best_first()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Open();
        var features = await client.OpenStreamAsync();

        Assert.Equal(
            ["SCRAM-SHA-512", "SCRAM-SHA-384", "SCRAM-SHA-256", "SCRAM-SHA-224", "SCRAM-SHA-1", "PLAIN"],
            features.Child("mechanisms", Ns.Sasl)!.Value.Children.Select(mechanism => mechanism.Text));
        Assert.Null(features.Child("sasl-channel-binding", Ns.SaslChannelBinding)); // CORE-060
    }

    [Fact] // CORE-062, AUTH-002
    public async Task Without_a_method_there_is_no_mechanisms_element()
    {
        await using var server = await TestServer.StartAsync(with => with.Auth = new AuthOptions());
        await using var client = server.Open();

        Assert.Null((await client.OpenStreamAsync()).Child("mechanisms", Ns.Sasl));
    }

    [Fact] // CORE-070, CORE-046
    public async Task Four_failures_end_the_connection_without_a_stream_error()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Open();
        await client.OpenStreamAsync();
        for (var i = 0; i < 4; i++)
        {
            await client.SendAsync(Plain("nobody", "wrong"));
            await client.ExpectAsync($"<failure xmlns='{Ns.Sasl}'><not-authorized/></failure>");
        }

        Assert.Equal(Xml.XmlFrameKind.StreamEnd, (await client.ReceiveFrameAsync())?.Kind);
        await client.ExpectEndAsync();
    }

    [Theory] // AUTH-198: who, where and from which address; never the password
    [InlineData("alice")]
    [InlineData("nobody")]
    public async Task A_failure_is_logged_with_the_account(string name)
    {
        await using var server = await TestServer.StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var client = server.Open();
        await client.OpenStreamAsync();
        await client.SendAsync(Plain(name, "not this one"));
        await client.ExpectAsync($"<failure xmlns='{Ns.Sasl}'><not-authorized/></failure>");

        var said = Assert.Single(server.Log.Entries, entry => entry.Text.Contains("failed with not-authorized", StringComparison.Ordinal)).Text;
        Assert.Contains($"PLAIN of {name}@example.test on example.test", said, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Log.Entries, entry => entry.Text.Contains("not this one", StringComparison.Ordinal));
    }

    [Theory] // CORE-068: what a stranger calls a mechanism is no name of a metric and no line of the log (AUTH-197, AUTH-198)
    [InlineData("X-A-TEST")]
    [InlineData("PLAIN&#10;2026-01-01T00:00:00.000Z crit: all is lost")]
    [InlineData("")]
    public async Task A_mechanism_that_there_is_not_leaves_no_name_behind(string name)
    {
        using var meter = new TestMeter();
        await using var server = await TestServer.StartAsync();
        await using var client = server.Open();
        await client.OpenStreamAsync();
        await client.SendAsync($"<auth xmlns='{Ns.Sasl}' mechanism='{name}'>AA==</auth>");
        await client.ExpectAsync($"<failure xmlns='{Ns.Sasl}'><invalid-mechanism/></failure>");

        Assert.Equal(0, meter.Count("meerkat.authentications", name.Replace("&#10;", "\n", StringComparison.Ordinal)));
        Assert.NotEqual(0, meter.Count("meerkat.authentications", "unknown mechanism"));
        var said = Assert.Single(server.Log.Entries, entry => entry.Text.Contains("failed with invalid-mechanism", StringComparison.Ordinal)).Text;
        Assert.Contains(": unknown mechanism of somebody on example.test failed", said, StringComparison.Ordinal);
    }

    [Fact] // CORE-070
    public async Task After_three_failures_the_right_password_still_works()
    {
        await using var server = await TestServer.StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var client = server.Open();
        await client.OpenStreamAsync();
        for (var i = 0; i < 3; i++)
        {
            await client.SendAsync(Plain("alice", "wrong"));
            await client.ExpectAsync($"<failure xmlns='{Ns.Sasl}'><not-authorized/></failure>");
        }

        await client.SendAsync(Plain("alice", "secret"));
        await client.ExpectAsync($"<success xmlns='{Ns.Sasl}'/>");
    }

    [Theory]
    [InlineData("X-UNKNOWN", "invalid-mechanism")] // CORE-068, as RFC 6120 §6.5.7 has it
    [InlineData("SCRAM-SHA-1-PLUS", "invalid-mechanism")]
    [InlineData("EXTERNAL", "not-authorized")] // CORE-081
    public async Task What_is_not_offered_cannot_be_chosen(string mechanism, string condition)
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Open();
        await client.OpenStreamAsync();
        await client.SendAsync($"<auth xmlns='{Ns.Sasl}' mechanism='{mechanism}'>=</auth>");

        await client.ExpectAsync($"<failure xmlns='{Ns.Sasl}'><{condition}/></failure>");
    }

    [Fact] // CORE-071
    public async Task A_client_may_give_up_while_a_challenge_waits()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Open();
        await client.OpenStreamAsync();
        await client.SendAsync($"<auth xmlns='{Ns.Sasl}' mechanism='PLAIN'/>");
        await client.ExpectAsync($"<challenge xmlns='{Ns.Sasl}'/>");
        await client.SendAsync($"<abort xmlns='{Ns.Sasl}'/>");

        await client.ExpectAsync($"<failure xmlns='{Ns.Sasl}'><aborted/></failure>");
    }

    [Fact] // CORE-025
    public async Task Everything_may_be_sent_at_once_and_is_answered_in_order()
    {
        await using var server = await TestServer.StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var client = server.Open();
        const string header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='example.test'>";
        await client.SendAsync(
            header + Plain("alice", "secret") + header
            + $"<iq type='set' id='b'><bind xmlns='{Ns.Bind}'><resource>r</resource></bind></iq><iq type='set' id='s'><session xmlns='{Ns.Session}'/></iq>");

        await client.ReceiveHeaderAsync();
        Assert.True((await client.ReceiveAsync()).Is("features", Ns.Stream));
        await client.ExpectAsync($"<success xmlns='{Ns.Sasl}'/>");
        client.ExpectNewStream();
        await client.ReceiveHeaderAsync();
        Assert.True((await client.ReceiveAsync()).Is("features", Ns.Stream));
        await client.ExpectAsync($"<iq type='result' id='b'><bind xmlns='{Ns.Bind}'><jid>alice@example.test/r</jid></bind></iq>");
        await client.ExpectAsync($"<iq type='result' id='s' from='example.test'><session xmlns='{Ns.Session}'/></iq>"); // CORE-118
    }

    [Fact] // AUTH-005: the list is not narrowed, the outcome is
    public async Task A_listener_may_leave_out_methods()
    {
        await using var server = await TestServer.StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var client = server.Open(new ClientProfile { AllowedAuthMethods = [AuthMethod.Pki] });
        await client.OpenStreamAsync();
        await client.SendAsync(Plain("alice", "secret"));

        await client.ExpectAsync($"<failure xmlns='{Ns.Sasl}'><not-authorized/></failure>");
    }

    [Fact] // CORE-082, AUTH-059
    public async Task An_anonymous_user_gets_a_name()
    {
        await using var server = await TestServer.StartAsync(with => with.Auth = new AuthOptions { Anonymous = new AnonymousAuthOptions() });
        await using var client = server.Open();
        await client.OpenStreamAsync();
        await client.SendAsync($"<auth xmlns='{Ns.Sasl}' mechanism='ANONYMOUS'/>");
        await client.ExpectAsync($"<success xmlns='{Ns.Sasl}'/>");
        await client.OpenStreamAsync();
        await client.BindAsync();

        Assert.EndsWith("@example.test", client.BareJid, StringComparison.Ordinal);
        Assert.NotEqual("@example.test", client.BareJid);
    }

    private static string Plain(string name, string password) =>
        $"<auth xmlns='{Ns.Sasl}' mechanism='PLAIN'>{Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{name}\0{password}"))}</auth>";
}
