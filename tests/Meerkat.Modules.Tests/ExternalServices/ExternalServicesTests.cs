using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Meerkat.Modules.ExternalServices;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.ExternalServices;

/// <summary>External service discovery (XEP-0215, EXT-001 to EXT-003).</summary>
public sealed class ExternalServicesTests
{
    private static readonly ExternalServicesOptions s_options = new()
    {
        Service =
        [
            new() { Type = "stun", Host = "stun.example.test", Port = 3478, Transport = ExternalServiceTransport.Udp },
            new() { Type = "turn", Host = "turn.example.test", Port = 3478, Transport = ExternalServiceTransport.Tcp, Username = "all", Password = "same" },
            new() { Type = "turn", Host = "turn.example.test", Port = 3479, Secret = "sesame" },
            new() { Type = "ftp", Host = "ftp.example.test" },
        ],
    };

    // EXT-001, EXT-002, XEP-0215 §3.1.
    [Theory]
    [InlineData("<services xmlns='urn:xmpp:extdisco:2'/>", "stun turn turn ftp")]
    [InlineData("<services xmlns='urn:xmpp:extdisco:2' type='turn'/>", "turn turn")]
    [InlineData("<services xmlns='urn:xmpp:extdisco:2' type='ftp'/>", "ftp")]
    [InlineData("<services xmlns='urn:xmpp:extdisco:2' type='turns'/>", "")]
    public async Task The_services_are_told(string query, string types)
    {
        await using var server = await TestServer.StartAsync(with => with.Module<ExternalServicesModule>(s_options));
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync($"<iq type='get' id='1' to='example.test'>{query}</iq>");
        var answer = (await alice.ReceiveAsync()).Child("services", Ns.ExternalServices)!.Value;
        Assert.Equal(types, string.Join(' ', answer.Children.ToArray().Select(service => service.Attribute("type"))));
        Assert.Equal(query.Contains("type"), answer.Attribute("type") is not null);
    }

    [Theory]
    [InlineData("get", "<services xmlns='urn:xmpp:extdisco:2' type='teleport'/>", "bad-request")]
    [InlineData("set", "<services xmlns='urn:xmpp:extdisco:2'/>", "not-allowed")]
    [InlineData("get", "<credentials xmlns='urn:xmpp:extdisco:2'/>", "bad-request")]
    [InlineData("get", "<credentials xmlns='urn:xmpp:extdisco:2'><service type='turn' host='a'/><service type='turn' host='b'/></credentials>", "bad-request")]
    [InlineData("get", "<credentials xmlns='urn:xmpp:extdisco:2'><service host='turn.example.test'/></credentials>", "bad-request")]
    [InlineData("get", "<credentials xmlns='urn:xmpp:extdisco:2'><service type='turn'/></credentials>", "bad-request")]
    [InlineData("get", "<credentials xmlns='urn:xmpp:extdisco:2'><service type='teleport' host='a'/></credentials>", "bad-request")]
    [InlineData("get", "<credentials xmlns='urn:xmpp:extdisco:2'><service type='turn' host='far.example'/></credentials>", "item-not-found")]
    [InlineData("get", "<other xmlns='urn:xmpp:extdisco:2'/>", "feature-not-implemented")]
    public async Task A_question_without_sense_is_refused(string type, string query, string condition)
    {
        await using var server = await TestServer.StartAsync(with => with.Module<ExternalServicesModule>(s_options));
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync($"<iq type='{type}' id='1' to='example.test'>{query}</iq>");
        var answer = await alice.ReceiveAsync();
        Assert.NotNull(answer.Child("error")!.Value.Child(condition, Ns.StanzaErrors));
    }

    // EXT-001, XEP-0215 §3.2.
    [Theory]
    [InlineData("", 2)]
    [InlineData("port='3478'", 1)]
    public async Task Credentials_are_told(string port, int count)
    {
        await using var server = await TestServer.StartAsync(with => with.Module<ExternalServicesModule>(s_options));
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync($"<iq type='get' id='1' to='example.test'><credentials xmlns='urn:xmpp:extdisco:2'><service type='turn' host='turn.example.test' {port}/></credentials></iq>");
        var services = (await alice.ReceiveAsync()).Child("credentials", Ns.ExternalServices)!.Value.Children.ToArray();
        Assert.Equal(count, services.Length);
        Assert.Equal(("all", "same", "tcp", null), (services[0].Attribute("username"), services[0].Attribute("password"), services[0].Attribute("transport"), services[0].Attribute("expires")));
    }

    // EXT-003, and what a TURN server checks: base64(HMAC-SHA-1(secret, "expiry:user")).
    [Fact]
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "TURN servers check this.")]
    public async Task A_secret_makes_a_password_for_an_hour_and_one_user()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<ExternalServicesModule>(s_options));
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<iq type='get' id='1' to='example.test'><services xmlns='urn:xmpp:extdisco:2' type='turn'/></iq>");
        var service = (await alice.ReceiveAsync()).Child("services", Ns.ExternalServices)!.Value.Children.ToArray()[1];
        Assert.Equal("2030-01-02T04:04:05Z", service.Attribute("expires"));
        Assert.Equal("1893557045:alice@example.test", service.Attribute("username"));
        Assert.Equal(Convert.ToBase64String(HMACSHA1.HashData("sesame"u8, Encoding.UTF8.GetBytes(service.Attribute("username")!))), service.Attribute("password"));
    }

    [Fact]
    public void A_secret_and_a_password_do_not_go_together() =>
        Assert.NotEmpty(new ExternalServiceOptions { Type = "turn", Host = "x", Secret = "s", Password = "p" }.Validate(new(this)));

    [Fact]
    public async Task It_is_announced()
    {
        await using var server = await TestServer.StartAsync(with => with.Module<ExternalServicesModule>());
        Assert.Contains(Ns.ExternalServices, server.Host.Features);
    }
}
