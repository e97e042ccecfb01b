using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Modules.Disco;
using Meerkat.Modules.HttpUpload;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.HttpUpload;

/// <summary>HTTP file upload to the server's own disk (XEP-0363), over real HTTP.</summary>
public sealed class HttpUploadTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("meerkat-upload-").FullName;
    private readonly HttpClient _http = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    // HUP-001, HUP-005, XEP-0363 §3.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_service_says_what_it_takes(bool hasLimit)
    {
        await using var on = await StartAsync(new() { MaxFileSize = hasLimit ? 1000 : null });
        await using var alice = await on.Server.ConnectAsync("alice");
        await alice.SendAsync("<iq type='get' id='1' to='example.test'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");
        var item = (await alice.ReceiveAsync()).FirstChild!.Value.Children.ToArray().Single();
        Assert.Equal(("upload.example.test", "HTTP File Upload"), (item.Attribute("jid"), item.Attribute("name")));

        await alice.SendAsync("<iq type='get' id='2' to='upload.example.test'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        var info = DiscoInfo.Read((await alice.ReceiveAsync()).FirstChild!.Value)!;
        Assert.Equal(("store", "file"), (info.Identities[0].Category, info.Identities[0].Type));
        Assert.Contains(Ns.HttpUpload, info.Features);
        Assert.Equal(hasLimit ? "1000" : null, info.Forms[0].ToXml().Children.ToArray().FirstOrDefault(field => field.Attribute("var") == "max-file-size") is { IsDefault: false } found ? found.ChildText("value") : null);

        await alice.SendAsync("<iq type='get' id='3' to='upload.example.test'><query xmlns='http://jabber.org/protocol/disco#info' node='x'/></iq>");
        Assert.NotNull((await alice.ReceiveAsync()).Child("error")!.Value.Child("item-not-found", Ns.StanzaErrors));
    }

    // HUP-002, XEP-0363 §4 and §5.
    [Theory]
    [InlineData("get", "<request xmlns='urn:xmpp:http:upload:0' size='5'/>", "bad-request")]
    [InlineData("get", "<request xmlns='urn:xmpp:http:upload:0' filename='' size='5'/>", "bad-request")]
    [InlineData("get", "<request xmlns='urn:xmpp:http:upload:0' filename='a'/>", "bad-request")]
    [InlineData("get", "<request xmlns='urn:xmpp:http:upload:0' filename='a' size='0'/>", "bad-request")]
    [InlineData("get", "<request xmlns='urn:xmpp:http:upload:0' filename='a' size='-1'/>", "bad-request")]
    [InlineData("get", "<request xmlns='urn:xmpp:http:upload:0' filename='a' size='many'/>", "bad-request")]
    [InlineData("get", "<request xmlns='urn:xmpp:http:upload:0' filename='..' size='5'/>", "bad-request")]
    [InlineData("get", "<request xmlns='urn:xmpp:http:upload:0' filename='a/' size='5'/>", "bad-request")]
    [InlineData("get", "<request xmlns='urn:xmpp:http:upload:0' filename='a' size='5' content-type='text/html&#13;&#10;Set-Cookie: x'/>", "bad-request")]
    [InlineData("get", "<request xmlns='urn:xmpp:http:upload:0' filename='a' size='5' content-type='nonsense'/>", "bad-request")]
    [InlineData("get", "<other xmlns='urn:xmpp:http:upload:0'/>", "bad-request")]
    [InlineData("set", "<request xmlns='urn:xmpp:http:upload:0' filename='a' size='5'/>", "not-allowed")]
    [InlineData("get", "<request xmlns='urn:xmpp:http:upload:0' filename='a' size='10485761'/>", "not-acceptable")]
    [InlineData("get", "<request xmlns='urn:x' filename='a' size='5'/>", "service-unavailable")]
    public async Task A_request_without_sense_is_refused(string type, string request, string condition)
    {
        await using var on = await StartAsync(new());
        await using var alice = await on.Server.ConnectAsync("alice");
        await alice.SendAsync($"<iq type='{type}' id='1' to='upload.example.test'>{request}</iq>");
        var error = (await alice.ReceiveAsync()).Child("error")!.Value;
        Assert.NotNull(error.Child(condition, Ns.StanzaErrors));
        Assert.Equal(condition == "not-acceptable" ? "10485760" : null, error.Child("file-too-large", Ns.HttpUpload)?.ChildText("max-file-size"));
    }

    // The whole way; a name in any script stays as it is.
    [Theory]
    [InlineData("très cool.jpg", "image/jpeg", "inline")]
    [InlineData("page.html", "text/html", "attachment")]
    [InlineData("drawing.svg", "image/svg+xml", "attachment")]
    [InlineData("100% \"sure\" & more+.txt", null, "attachment")]
    public async Task A_file_goes_up_and_everybody_who_knows_the_address_gets_it(string name, string? type, string disposition)
    {
        await using var on = await StartAsync(new());
        await using var alice = await on.Server.ConnectAsync("alice");
        var content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("meerkat ", 50_000)));
        var (put, get) = await SlotAsync(alice, name, content.Length, type);
        Assert.StartsWith($"{put.GetLeftPart(UriPartial.Path)}", get.AbsoluteUri);
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync(At(on, get), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, await PutAsync(on, put, content));

        using var answer = await _http.GetAsync(At(on, get), Ct);
        Assert.Equal(content, await answer.Content.ReadAsByteArrayAsync(Ct));
        Assert.Equal(type ?? "application/octet-stream", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(disposition, answer.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal(name, answer.Content.Headers.ContentDisposition.FileNameStar);

        // XEP-0363 §9.1: nothing that was uploaded runs as a page of this server.
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("sandbox", answer.Headers.GetValues("Content-Security-Policy").Single());

        // A file is uploaded once.
        Assert.Equal(HttpStatusCode.Conflict, await PutAsync(on, put, content));
    }

    // XEP-0363 §7: pages of other origins upload and read.
    [Fact]
    public async Task Other_origins_may_upload_and_read()
    {
        await using var on = await StartAsync(new());
        await using var alice = await on.Server.ConnectAsync("alice");
        var (put, get) = await SlotAsync(alice, "a.txt", 5, "text/plain");
        using var asked = await _http.SendAsync(new HttpRequestMessage(HttpMethod.Options, At(on, put)) { Headers = { { "Origin", "https://web.example" } } }, Ct);
        Assert.Equal(HttpStatusCode.NoContent, asked.StatusCode);
        Assert.Equal("*", asked.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("PUT", asked.Headers.GetValues("Access-Control-Allow-Methods").Single());
        Assert.Contains("Content-Type", asked.Headers.GetValues("Access-Control-Allow-Headers").Single());
        Assert.False(asked.Headers.Contains("Access-Control-Allow-Credentials"));
        await PutAsync(on, put, "12345"u8.ToArray());
        using var read = await _http.GetAsync(At(on, get), Ct);
        Assert.Equal("*", read.Headers.GetValues("Access-Control-Allow-Origin").Single());
    }

    // An address that this server did not give, or that was changed, or that is too old, takes nothing.
    [Theory]
    [InlineData("size=5", "size=6")]
    [InlineData("type=text", "type=html")]
    [InlineData("expires=1", "expires=2")]
    [InlineData("signature=", "signature=0")]
    [InlineData("/a.txt?", "/b.txt?")]
    [InlineData("?", "?x=")]
    public async Task An_address_that_was_changed_takes_nothing(string part, string changed)
    {
        await using var on = await StartAsync(new());
        await using var alice = await on.Server.ConnectAsync("alice");
        var (put, _) = await SlotAsync(alice, "a.txt", 5, "text/plain");
        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(on, new Uri(put.AbsoluteUri.Replace(part, changed)), "12345"u8.ToArray()));
        Assert.Equal(HttpStatusCode.Created, await PutAsync(on, put, "12345"u8.ToArray()));
    }

    [Fact]
    public async Task A_slot_is_good_for_a_while()
    {
        await using var on = await StartAsync(new());
        await using var alice = await on.Server.ConnectAsync("alice");
        var (put, _) = await SlotAsync(alice, "a.txt", 5, null);
        on.Server.Time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(on, put, "12345"u8.ToArray()));
    }

    // What is not as long as was said leaves nothing behind: too long, too short, chunked without end.
    [Theory]
    [InlineData(6, false, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(3_000_000, false, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(4, false, HttpStatusCode.BadRequest)]
    [InlineData(4, true, HttpStatusCode.BadRequest)]
    [InlineData(6, true, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(3_000_000, true, HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_body_of_another_size_is_refused(int size, bool isChunked, HttpStatusCode status)
    {
        await using var on = await StartAsync(new());
        await using var alice = await on.Server.ConnectAsync("alice");
        var (put, get) = await SlotAsync(alice, "a.txt", 5, null);
        using var request = new HttpRequestMessage(HttpMethod.Put, At(on, put)) { Content = new ByteArrayContent(new byte[size]) };
        request.Headers.TransferEncodingChunked = isChunked;
        try
        {
            using var answer = await _http.SendAsync(request, Ct);
            Assert.Equal(status, answer.StatusCode);
        }
        catch (HttpRequestException) when (size > 1_000_000)
        {
            // Refused while it was still sending.
        }

        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync(At(on, get), Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, await PutAsync(on, put, "12345"u8.ToArray()));
        Assert.Equal(2, Files().Count());
    }

    // Nothing outside the folder is read or written, however the path is put.
    [Theory]
    [InlineData("/upload/../../../../etc/passwd")]
    [InlineData("/upload/..%2f..%2f..%2fetc/x/passwd")]
    [InlineData("/upload/%2e%2e/%2e%2e/secret")]
    [InlineData("/upload/..%5c..%5c/x/secret")]
    [InlineData("/upload/000000000000000000000000/../signing.key")]
    [InlineData("/upload/./signing.key/signing.key")]
    [InlineData("/upload/OWNER/..%2fsigning.key/signing.key")]
    [InlineData("/upload/OWNER/TOKEN.json/a.txt")]
    [InlineData("/upload/OWNER/TOKEN/")]
    [InlineData("/upload/OWNER/TOKEN")]
    [InlineData("/upload/OWNER/TOKEN/b.txt")]
    [InlineData("/upload/OWNER/TOKEN/a.txt/")]
    [InlineData("/upload/OWNER/TOKEN/a.txt%00")]
    [InlineData("/upload//OWNER/TOKEN/a.txt")]
    [InlineData("/upload")]
    public async Task A_path_never_leads_out_of_the_folder(string path)
    {
        await using var on = await StartAsync(new());
        await using var alice = await on.Server.ConnectAsync("alice");
        var (put, get) = await SlotAsync(alice, "a.txt", 5, null);
        await PutAsync(on, put, "12345"u8.ToArray());
        var segments = get.AbsolutePath.Split('/');
        var raw = path.Replace("OWNER", segments[2]).Replace("TOKEN", segments[3]);
        foreach (var method in (string[])["GET", "PUT"])
        {
            var status = await RawAsync(on, $"{method} {raw} HTTP/1.1\r\nHost: example.test\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            Assert.Contains(status, (int[])[400, 403, 404]);
        }

        Assert.Equal(2, Files().Count());
    }

    // RFC 9110 §14.
    [Theory]
    [InlineData("bytes=0-3", 206, "meer", "bytes 0-3/7")]
    [InlineData("bytes=4-", 206, "kat", "bytes 4-6/7")]
    [InlineData("bytes=-3", 206, "kat", "bytes 4-6/7")]
    [InlineData("bytes=4-99", 206, "kat", "bytes 4-6/7")]
    [InlineData("bytes=7-9", 416, "", "bytes */7")]
    [InlineData("bytes=3-1", 200, "meerkat", null)]
    [InlineData("bytes=0-1,3-4", 200, "meerkat", null)]
    [InlineData("lines=0-1", 200, "meerkat", null)]
    public async Task A_part_can_be_asked_for(string range, int status, string content, string? told)
    {
        await using var on = await StartAsync(new());
        await using var alice = await on.Server.ConnectAsync("alice");
        var (put, get) = await SlotAsync(alice, "a.txt", 7, null);
        await PutAsync(on, put, "meerkat"u8.ToArray());
        using var request = new HttpRequestMessage(HttpMethod.Get, At(on, get));
        request.Headers.TryAddWithoutValidation("Range", range);
        using var answer = await _http.SendAsync(request, Ct);
        Assert.Equal((status, content, told), ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(Ct), answer.Content.Headers.ContentRange?.ToString()));
    }

    [Fact]
    public async Task An_account_has_a_quota()
    {
        await using var on = await StartAsync(new() { Disk = new() { Quota = 10 } });
        await using var alice = await on.Server.ConnectAsync("alice");
        await using var bob = await on.Server.ConnectAsync("bob");
        var (first, _) = await SlotAsync(alice, "a", 6, null);
        var (second, _) = await SlotAsync(alice, "b", 6, null); // both would fit, each alone
        Assert.Equal(HttpStatusCode.Created, await PutAsync(on, first, new byte[6]));
        Assert.Equal(HttpStatusCode.InsufficientStorage, await PutAsync(on, second, new byte[6]));
        await alice.SendAsync("<iq type='get' id='1' to='upload.example.test'><request xmlns='urn:xmpp:http:upload:0' filename='a' size='5'/></iq>");
        Assert.NotNull((await alice.ReceiveAsync()).Child("error")!.Value.Child("resource-constraint", Ns.StanzaErrors));
        await SlotAsync(alice, "c", 4, null);
        await SlotAsync(bob, "d", 10, null);
    }

    [Fact]
    public async Task Old_files_go()
    {
        await using var on = await StartAsync(new() { Disk = new() { MaxAge = TimeSpan.FromHours(3) } });
        await using var alice = await on.Server.ConnectAsync("alice");
        var (put, get) = await SlotAsync(alice, "a", 5, null);
        await PutAsync(on, put, new byte[5]);
        on.Server.Time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(HttpStatusCode.OK, (await _http.GetAsync(At(on, get), Ct)).StatusCode);
        on.Server.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync(At(on, get), Ct)).StatusCode);
        on.Server.Time.Advance(TimeSpan.FromHours(1));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (Files().Any())
        {
            await Task.Delay(5, patience.Token);
        }
    }

    // AUTH-017, AUTH-019, GDPR: an account's files go with it, and are told to whoever asks for the account's data.
    [Fact]
    public async Task Files_belong_to_their_account()
    {
        await using var on = await StartAsync(new(), "example.test", "other.test");
        await using var alice = await on.Server.ConnectAsync("alice");
        await using var bob = await on.Server.ConnectAsync("bob");
        foreach (var client in (TestClient[])[alice, bob])
        {
            var (put, _) = await SlotAsync(client, "holiday.jpg", 5, "image/jpeg");
            Assert.Equal(HttpStatusCode.Created, await PutAsync(on, put, new byte[5]));
        }

        var data = on.Server.Host.Data.Single();
        var section = await data.ExportAsync(BareJid.Parse("alice@example.test"), Ct).SingleAsync(Ct);
        Assert.Equal(["holiday.jpg", "image/jpeg", "5", "2030-01-02T03:04:05Z"], section.Rows.Single());
        await data.RemoveAccountAsync(BareJid.Parse("alice@example.test"), Ct);
        Assert.Equal(2, Files().Count());
        await data.RemoveDomainAsync("other.test", Ct);
        Assert.Equal(2, Files().Count());
        await data.RemoveDomainAsync("example.test", Ct);
        Assert.Empty(Files());
    }

    // HUP-004.
    [Fact]
    public async Task An_administrator_makes_slots()
    {
        await using var on = await StartAsync(new());
        var module = (HttpUploadModule)on.Server.Host.Modules["mod_http_upload"];
        var slot = module.Operations.GetUrl(BareJid.Parse("example.test"), UploadRequest.From("a.txt", "5", null)!, TimeSpan.FromHours(1));
        on.Server.Time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(HttpStatusCode.Created, await PutAsync(on, new Uri(slot.Put), "12345"u8.ToArray()));
        Assert.Equal("12345", await _http.GetStringAsync(At(on, new Uri(slot.Get)), Ct));
    }

    private Task<TestHttpServer> StartAsync(HttpUploadOptions options, params string[] domains) => TestHttpServer.StartAsync(server: with =>
    {
        with.Domains = domains is [] ? ["example.test"] : domains;
        with.Stores = new Folders(_folder);
        with.Module<DiscoModule>();
        with.Module<HttpUploadModule>(options);
    });

    private static async Task<(Uri Put, Uri Get)> SlotAsync(TestClient client, string name, int size, string? type)
    {
        var request = new XmlBuilder("request", Ns.HttpUpload).Attribute("filename", name).Attribute("size", $"{size}").Attribute("content-type", type).Build();
        await client.SendAsync($"<iq type='get' id='slot' to='upload.example.test'>{request}</iq>");
        var slot = (await client.ReceiveAsync()).Child("slot", Ns.HttpUpload)!.Value;
        return (new Uri(slot.Child("put")!.Value.Attribute("url")!), new Uri(slot.Child("get")!.Value.Attribute("url")!));
    }

    private async Task<HttpStatusCode> PutAsync(TestHttpServer on, Uri address, byte[] content)
    {
        using var body = new ByteArrayContent(content) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };
        using var answer = await _http.PutAsync(At(on, address), body, Ct);
        return answer.StatusCode;
    }

    // The domain is no name of this machine.
    private static Uri At(TestHttpServer on, Uri address)
    {
        Assert.Equal(("example.test", on.Address.Port), (address.Host, address.Port));
        return new Uri($"{on.Address.GetLeftPart(UriPartial.Authority)}{address.PathAndQuery}");
    }

    private static async Task<int> RawAsync(TestHttpServer on, string request)
    {
        using var tcp = new System.Net.Sockets.TcpClient();
        await tcp.ConnectAsync(on.Address.Host, on.Address.Port, Ct);
        await using var stream = tcp.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), Ct);
        using var reader = new StreamReader(stream);
        return int.Parse((await reader.ReadLineAsync(Ct))!.Split(' ')[1]);
    }

    private IEnumerable<string> Files() => Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "signing.key");

    private sealed class Folders(string folder) : IStoreProvider
    {
        public object? Create(Type contract, HostType host, object? options) =>
            contract == typeof(IUploadStore) ? new DiskUploadStore(Path.Combine(folder, host.Name), ((HttpUploadOptions)options!).Disk, host.Server.Time) : null;
    }
}
