using System.Text.Json;
using Meerkat.Core.Http;
using Meerkat.Modules.HostMeta;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.HostMeta;

/// <summary>Discovering alternative connection methods (XEP-0156 §3, RFC 6415), over real HTTP.</summary>
public sealed class HostMetaTests
{
    // XEP-0156 §3.2: XML and JSON say the same.
    [Fact]
    public async Task Both_forms_tell_where_streams_are_opened()
    {
        await using var on = await StartAsync(new() { WebsocketUrl = "wss://chat.example.test/ws?a=1&b=2", BoshServiceUrl = "https://chat.example.test/bosh" });
        using var http = new HttpClient();
        using var xml = await http.GetAsync(new Uri(on.Address, "/.well-known/host-meta"), TestContext.Current.CancellationToken);
        Assert.Equal("application/xrd+xml", xml.Content.Headers.ContentType!.MediaType);
        var document = await xml.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var xrd = XmlElement.Parse(document[document.IndexOf("<XRD", StringComparison.Ordinal)..]);
        Assert.True(xrd.Is("XRD", Ns.Xrd));
        Assert.Equal(
            [("urn:xmpp:alt-connections:xbosh", "https://chat.example.test/bosh"), ("urn:xmpp:alt-connections:websocket", "wss://chat.example.test/ws?a=1&b=2")],
            xrd.Children.ToArray().Select(link => (link.Attribute("rel"), link.Attribute("href"))));

        using var json = await http.GetAsync(new Uri(on.Address, "/.well-known/host-meta.json"), TestContext.Current.CancellationToken);
        Assert.Equal("application/json", json.Content.Headers.ContentType!.MediaType);
        using var parsed = JsonDocument.Parse(await json.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(
            [("urn:xmpp:alt-connections:xbosh", "https://chat.example.test/bosh"), ("urn:xmpp:alt-connections:websocket", "wss://chat.example.test/ws?a=1&b=2")],
            parsed.RootElement.GetProperty("links").EnumerateArray().Select(link => (link.GetProperty("rel").GetString(), link.GetProperty("href").GetString())));
    }

    // XEP-0156 §3.1: nothing but encrypted addresses; the listeners' own where none is configured.
    [Theory]
    [InlineData("example.test", "wss://example.test:5443/ws-xmpp")]
    [InlineData("other.test", "wss://other.test:5443/ws-xmpp")]
    [InlineData("nobody.test", "wss://example.test:5443/ws-xmpp")]
    public async Task The_listeners_addresses_are_for_the_domain_that_is_asked(string host, string address)
    {
        await using var on = await StartAsync(new(), "example.test", "other.test");
        on.Server.Context.Http = new Listeners();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(on.Address, "/.well-known/host-meta.json")) { Headers = { Host = host } };
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        using var parsed = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal([address], parsed.RootElement.GetProperty("links").EnumerateArray().Select(link => link.GetProperty("href").GetString()));
    }

    // XEP-0156 §3.3: pages of other hosts may read it.
    [Theory]
    [InlineData("GET", "/.well-known/host-meta", 200)]
    [InlineData("HEAD", "/.well-known/host-meta", 200)]
    [InlineData("OPTIONS", "/.well-known/host-meta", 204)]
    [InlineData("POST", "/.well-known/host-meta", 405)]
    [InlineData("GET", "/.well-known/host-meta/x", 404)]
    [InlineData("GET", "/.well-known/other", 404)]
    public async Task Other_origins_may_read_and_nothing_else(string method, string path, int status)
    {
        await using var on = await StartAsync(new());
        using var http = new HttpClient();
        using var answer = await http.SendAsync(new HttpRequestMessage(new HttpMethod(method), new Uri(on.Address, path)), TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(path.Contains("host-meta"), answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var origin) && origin.Single() == "*");
    }

    [Theory]
    [InlineData("http://a.example/x", false)]
    [InlineData("/x", false)]
    [InlineData("https://a.example/x", true)]
    public void An_address_that_is_not_encrypted_is_not_accepted(string value, bool accepted) =>
        Assert.Equal(accepted, new SecureUrlAttribute("https").Accept(value) is not null);

    private static Task<TestHttpServer> StartAsync(HostMetaOptions options, params string[] domains) => TestHttpServer.StartAsync(server: with =>
    {
        with.Domains = domains is [] ? ["example.test"] : domains;
        with.Module<HostMetaModule>(options);
    });

    private sealed class Listeners : IHttpEndpoints
    {
        public Uri? AddressOf(string domain, string path) => null;

        public IReadOnlyList<Uri> Connections(string domain, HttpConnectionMethod method) =>
            method is HttpConnectionMethod.WebSocket ? [new Uri($"wss://{domain}:5443/ws-xmpp"), new Uri($"ws://{domain}:5280/ws-xmpp")] : [new Uri($"http://{domain}:5280/http-bind")];
    }
}
