using System.Text;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Connections.Tests.Bosh;

/// <summary>A BOSH client that does as it is told, right or wrong.</summary>
internal sealed class BoshClient(TestHttpServer on) : IDisposable
{
    public const long FirstRid = 1_000_000;

    private readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 16 });

    public long Rid { get; set; } = FirstRid;

    public string Sid { get; set; } = "";

    /// <summary>Opens a session with the features of the stream in its answer.</summary>
    public async Task<XmlElement> OpenAsync(string more = "wait='60' hold='1' to='example.test'")
    {
        var answer = await PostAsync($"rid='{Rid}' {more} xml:lang='en' ver='1.6' xmpp:version='1.0' xmlns:xmpp='urn:xmpp:xbosh'");
        Sid = answer.Attribute("sid") ?? "";
        return answer;
    }

    /// <summary>Opens a session, authenticates, and binds <c>web</c>.</summary>
    public async Task LogInAsync(string name, string more = "wait='60' hold='1' to='example.test'")
    {
        var domain = more.Split("to='")[1].Split('\'')[0];
        await on.Server.Accounts.AddAsync($"{name}@{domain}", "secret");
        await OpenAsync(more);
        var success = await NextAsync($"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{name}\0secret"))}</auth>");
        Assert.NotNull(success.Child("success", Ns.Sasl));
        var restarted = await NextAsync(attributes: $"xmpp:restart='true' to='{domain}' xmlns:xmpp='urn:xmpp:xbosh'");
        Assert.NotNull(restarted.Child("features", Ns.Stream)!.Value.Child("bind", Ns.Bind));
        var bound = await NextAsync("<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>web</resource></bind></iq>");
        Assert.Equal("result", bound.Child("iq", Ns.Client)!.Value.Attribute("type"));
    }

    /// <summary>The next request in order.</summary>
    public Task<XmlElement> NextAsync(string payload = "", string attributes = "", CancellationToken ct = default) => SendAsync(++Rid, payload, attributes, ct);

    /// <summary>A request of the session.</summary>
    public Task<XmlElement> SendAsync(long rid, string payload = "", string attributes = "", CancellationToken ct = default) =>
        PostAsync($"rid='{rid}' sid='{Sid}' {attributes}", payload, ct);

    public async Task<XmlElement> PostAsync(string attributes, string payload = "", CancellationToken ct = default)
    {
        using var content = new StringContent($"<body {attributes} xmlns='http://jabber.org/protocol/httpbind'>{payload}</body>", Encoding.UTF8, "text/xml");
        return await PostAsync(content, ct);
    }

    public async Task<XmlElement> PostAsync(HttpContent content, CancellationToken ct = default)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(TimeSpan.FromSeconds(20));
        using var response = await _http.PostAsync(on.BoshAddress, content, patience.Token);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Equal("text/xml; charset=utf8", response.Content.Headers.GetValues("Content-Type").Single());
        Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
        var body = XmlElement.Parse(await response.Content.ReadAsByteArrayAsync(patience.Token));
        Assert.True(body.Is("body", Ns.HttpBind));
        return body;
    }

    public void Dispose() => _http.Dispose();
}
