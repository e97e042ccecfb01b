using System.IO.Compression;
using System.Net;
using System.Text;
using Meerkat.Testing;
using Xunit;

namespace Meerkat.Connections.Tests.Bosh;

/// <summary>What is HTTP of BOSH: methods, headers, bodies (HTP-BOSH-01 to -04, CORE-257, BSH-001).</summary>
public sealed class BoshHttpTests
{
    [Theory]
    [InlineData("OPTIONS", 200, "https://web.example", "")]
    [InlineData("GET", 200, null, "This is for XMPP over BOSH (XEP-0206).")]
    [InlineData("POST", 400, "*", "Missing request body")]
    [InlineData("PUT", 405, "*", "Use POST request method")]
    [InlineData("DELETE", 405, "*", "Use POST request method")]
    public async Task Each_method_has_its_answer(string method, int status, string? origin, string text)
    {
        await using var on = await TestHttpServer.StartAsync();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), on.BoshAddress);
        request.Headers.Add("Origin", "https://web.example");
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(origin, answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var allowed) ? allowed.Single() : null);
        Assert.Equal("POST, OPTIONS, GET", answer.Headers.GetValues("Access-Control-Allow-Methods").Single());
        Assert.Equal("content-type", answer.Headers.GetValues("Access-Control-Allow-Headers").Single());
        Assert.Equal("1728000", answer.Headers.GetValues("Access-Control-Max-Age").Single());
        Assert.Equal(text, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    // CORE-012: an address that no stream is opened for gets none here either
    [Fact]
    public async Task A_refused_address_gets_no_answer()
    {
        await using var on = await TestHttpServer.StartAsync();
        using var http = new HttpClient();
        using (on.Server.Context.Addresses.Add(IPAddress.IsLoopback))
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => http.PostAsync(on.BoshAddress, new StringContent("<body/>"), TestContext.Current.CancellationToken));
        }

        using var answer = await http.PostAsync(on.BoshAddress, new StringContent("<body/>"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    // HTP-RTE-02.
    [Fact]
    public async Task A_path_below_is_not_served()
    {
        await using var on = await TestHttpServer.StartAsync();
        using var http = new HttpClient();
        using var answer = await http.PostAsync(new Uri(on.Address, "/http-bind/x"), new StringContent("<body/>"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        using var slash = await http.PostAsync(new Uri(on.Address, "/http-bind/"), new StringContent("<body/>"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, slash.StatusCode);
    }

    // XEP-0124 §17.2: what is no body ends in bad-request, and ends the session that it names; too much is a policy-violation.
    [Theory]
    [InlineData("nonsense", "bad-request")]
    [InlineData("<body xmlns='http://jabber.org/protocol/httpbind' rid='1'", "bad-request")]
    [InlineData("<body xmlns='urn:x' rid='1' hold='1' to='example.test'/>", "bad-request")]
    [InlineData("<body sid='SID' rid='1000001' xmlns='http://jabber.org/protocol/httpbind'><message></body>", "bad-request")]
    [InlineData("<body sid='SID' rid='1000001' xmlns='http://jabber.org/protocol/httpbind'>", "bad-request")]
    [InlineData("<!DOCTYPE a><body sid='SID' rid='1000001' xmlns='http://jabber.org/protocol/httpbind'/>", "bad-request")]
    [InlineData("<body sid='SID' rid='1000001' xmlns='http://jabber.org/protocol/httpbind'><message xmlns='jabber:client'>BIG</message></body>", "policy-violation")]
    [InlineData("<body sid='SID' rid='1000001' xmlns='http://jabber.org/protocol/httpbind'>HUGE</body>", "policy-violation")]
    public async Task A_bad_body_is_refused(string body, string condition)
    {
        await using var on = await TestHttpServer.StartAsync();
        using var client = new BoshClient(on);
        await client.OpenAsync();
        var text = body.Replace("SID", client.Sid).Replace("BIG", new string('x', 30_000)).Replace("HUGE", string.Concat(Enumerable.Repeat("<presence xmlns='jabber:client'/>", 40_000)));
        var answer = await client.PostAsync(new StringContent(text));
        Assert.Equal(("terminate", condition), (answer.Attribute("type"), answer.Attribute("condition")));

        // Whoever does not know the session cannot end it.
        var after = await client.NextAsync(attributes: "pause='1'");
        Assert.Equal(body.Contains("SID") && !body.Contains("DOCTYPE") ? "terminate" : null, after.Attribute("type"));
    }

    // XEP-0124 §7.2: "accept" tells what we decompress. A bomb is measured by what comes out.
    [Theory]
    [InlineData("gzip", null)]
    [InlineData("deflate", null)]
    [InlineData("gzip", "policy-violation")]
    [InlineData("br", "bad-request")]
    [InlineData("gzip-broken", "bad-request")]
    public async Task Compressed_bodies_are_understood(string encoding, string? condition)
    {
        await using var on = await TestHttpServer.StartAsync();
        using var client = new BoshClient(on);
        var padding = condition == "policy-violation" ? new string(' ', 20_000_000) : "";
        var plain = Encoding.UTF8.GetBytes($"<body rid='5' hold='1' wait='60' to='example.test' xmlns='http://jabber.org/protocol/httpbind'>{padding}</body>");
        using var compressed = new MemoryStream();
        await using (Stream stream = encoding == "deflate" ? new ZLibStream(compressed, CompressionLevel.Fastest, true) : new GZipStream(compressed, CompressionLevel.Fastest, true))
        {
            await stream.WriteAsync(plain, TestContext.Current.CancellationToken);
        }

        var content = new ByteArrayContent(encoding == "gzip-broken" ? [1, 2, 3] : compressed.ToArray());
        content.Headers.ContentEncoding.Add(encoding.Replace("-broken", ""));
        var answer = await client.PostAsync(content);
        Assert.Equal(condition, answer.Attribute("condition"));
        Assert.Equal(condition is null, answer.Attribute("sid") is not null);
    }

    // CORE-258, CORE-237, CORE-240: a domain that is added is there for BOSH too, and not when it is disabled; its sessions end.
    [Fact]
    public async Task A_domain_that_comes_and_goes_is_served_meanwhile()
    {
        const string Added = "wait='60' hold='1' to='added.test'";
        await using var on = await TestHttpServer.StartAsync(new() { HostTypes = ["free"] }, server => server.HostTypes = ["free", "paying"]);
        using var client = new BoshClient(on);
        Assert.Equal("host-unknown", (await client.OpenAsync(Added)).Attribute("condition"));
        await on.Server.Dynamic.AddAsync("added.test", "free", CancellationToken.None);
        await on.Server.Dynamic.AddAsync("other.test", "paying", CancellationToken.None);
        Assert.Equal("host-unknown", (await client.OpenAsync("wait='60' hold='1' to='other.test'")).Attribute("condition"));
        await client.LogInAsync("alice", Added);
        await on.Server.Dynamic.DisableAsync("added.test", CancellationToken.None);
        var end = await client.NextAsync();
        Assert.Equal(("terminate", "remote-stream-error"), (end.Attribute("type"), end.Attribute("condition")));
        Assert.Contains("host-gone", end.ToString());
        Assert.Equal("host-unknown", (await client.OpenAsync(Added)).Attribute("condition"));
    }

    // CONF-181: only host types that are named.
    [Fact]
    public async Task Host_types_can_be_left_out()
    {
        await using var on = await TestHttpServer.StartAsync(new() { HostTypes = ["other.test"] }, server => server.Domains = ["example.test", "other.test"]);
        using var client = new BoshClient(on);
        Assert.Equal("host-unknown", (await client.OpenAsync()).Attribute("condition"));
        Assert.Null((await client.OpenAsync("wait='60' hold='1' to='other.test'")).Attribute("condition"));
    }
}
