using System.Security.Cryptography;
using System.Text;
using Meerkat.Core.Streams;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Streams;

/// <summary>What a stream says of a log-in, of a resource, and of what is no stanza (CORE §§7, 12 and 14).</summary>
public sealed class EstablishedStreamTests
{
    [Fact] // CORE-073, CORE-072, RFC 5802 §3: success carries the server's signature, and a new stream follows
    public async Task Success_carries_the_final_data_of_the_mechanism()
    {
        await using var server = await TestServer.StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var client = server.Open();
        await client.OpenStreamAsync();
        await client.SendAsync($"<auth xmlns='{Ns.Sasl}' mechanism='SCRAM-SHA-256'>{Base64("n,,n=alice,r=abc")}</auth>");
        var first = Encoding.UTF8.GetString(Convert.FromBase64String((await client.ExpectAsync($"<challenge xmlns='{Ns.Sasl}'/>")).Text));
        var parts = first.Split(',').ToDictionary(part => part[0], part => part[2..]);
        var salted = Rfc2898DeriveBytes.Pbkdf2("secret"u8, Convert.FromBase64String(parts['s']), int.Parse(parts['i']), HashAlgorithmName.SHA256, 32);
        var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        var message = Encoding.UTF8.GetBytes($"n=alice,r=abc,{first},c=biws,r={parts['r']}");
        var signature = HMACSHA256.HashData(SHA256.HashData(clientKey), message);
        var proof = Convert.ToBase64String([.. clientKey.Zip(signature, static (a, b) => (byte)(a ^ b))]);
        await client.SendAsync($"<response xmlns='{Ns.Sasl}'>{Base64($"c=biws,r={parts['r']},p={proof}")}</response>");

        var expected = Convert.ToBase64String(HMACSHA256.HashData(HMACSHA256.HashData(salted, "Server Key"u8), message));
        Assert.Equal($"v={expected}", Encoding.UTF8.GetString(Convert.FromBase64String((await client.ExpectAsync($"<success xmlns='{Ns.Sasl}'/>")).Text)));
        Assert.NotNull((await client.OpenStreamAsync()).Child("bind", Ns.Bind));
    }

    [Theory] // CORE-072: base64 as MIME has it
    [InlineData("AGFsaWNl\nAHNlY3Jl\r\n dA==")]
    [InlineData("  AGFsaWNlAHNlY3JldA==  ")]
    public async Task Whitespace_in_base64_does_not_matter(string payload)
    {
        await using var server = await TestServer.StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var client = server.Open();
        await client.OpenStreamAsync();
        await client.SendAsync($"<auth xmlns='{Ns.Sasl}' mechanism='PLAIN'>{payload}</auth>");

        Assert.Equal("", (await client.ExpectAsync($"<success xmlns='{Ns.Sasl}'/>")).Text); // CORE-073: PLAIN has no final data
    }

    [Theory] // CORE-069: the condition alone; a text only where a method of authentication gives one
    [InlineData("AGFsaWNlAHdyb25n", "not-authorized")]
    [InlineData("YWxpY2U=", "malformed-request")]
    public async Task A_failure_is_a_condition_and_nothing_else(string payload, string condition)
    {
        await using var server = await TestServer.StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var client = server.Open();
        await client.OpenStreamAsync();
        await client.SendAsync($"<auth xmlns='{Ns.Sasl}' mechanism='PLAIN'>{payload}</auth>");

        Assert.True(Assert.Single((await client.ExpectAsync($"<failure xmlns='{Ns.Sasl}'/>")).Children).Is(condition, Ns.Sasl));
    }

    [Theory] // CORE-115, CORE-116, CORE-354: the session opens at binding, whether the request of RFC 3921 is offered or not
    [InlineData(true)]
    [InlineData(false)]
    public async Task Binding_answers_with_the_full_JID_and_opens_the_session(bool offersSession)
    {
        await using var server = await TestServer.StartAsync();
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var bob = await server.ConnectAsync("bob", "b");
        await using var alice = server.Open(new ClientProfile { OffersSession = offersSession });
        var features = await alice.LogInAsync("alice", "example.test", "secret");
        Assert.Equal(offersSession, features.Child("session", Ns.Session) is not null);
        await alice.SendAsync($"<iq type='set' id='b'><bind xmlns='{Ns.Bind}'><resource>r</resource></bind></iq>");
        var result = await alice.ExpectAsync($"<iq type='result' id='b'><bind xmlns='{Ns.Bind}'><jid>alice@example.test/r</jid></bind></iq>");
        Assert.Single(result.FirstChild!.Value.Children);
        await alice.SendAsync($"<message to='{bob.Jid}' id='m'/>");

        await bob.ExpectAsync("<message from='alice@example.test/r' id='m'/>");
    }

    [Theory] // CORE-130, and CORE-208 without mod_stream_management
    [InlineData("<unknown xmlns='a:b'><deep/></unknown>")]
    [InlineData("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")]
    [InlineData("<r xmlns='urn:xmpp:sm:3'/>")]
    [InlineData("<a xmlns='urn:xmpp:sm:3' h='7'/>")]
    [InlineData("<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>")]
    [InlineData("<inactive xmlns='urn:xmpp:csi:0'/>")]
    [InlineData("<message xmlns='jabber:server' to='alice@example.test'/>")]
    public async Task What_is_no_stanza_and_nobodys_is_ignored(string element)
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync(element);

        await alice.ExpectNothingAsync();
        Assert.Empty(server.Log.Errors);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
