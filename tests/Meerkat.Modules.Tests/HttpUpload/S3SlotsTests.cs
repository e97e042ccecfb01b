using Meerkat.Modules.HttpUpload;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Meerkat.Modules.Tests.HttpUpload;

/// <summary>Slots in an S3 bucket (HUP-003).</summary>
public sealed class S3SlotsTests
{
    private static readonly S3UploadOptions s_bucket = new()
    {
        BucketUrl = "https://examplebucket.s3.amazonaws.com",
        Region = "us-east-1",
        AccessKeyId = "AKIAIOSFODNN7EXAMPLE",
        SecretAccessKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    };

    // The example of Amazon's documentation ("Authenticating Requests: Using Query Parameters").
    [Fact]
    public void A_signature_is_what_S3_expects()
    {
        var slots = new S3Slots(s_bucket, new FakeTimeProvider(new DateTimeOffset(2013, 5, 24, 0, 0, 0, TimeSpan.Zero)));
        var signed = slots.Sign("GET", new Uri("https://examplebucket.s3.amazonaws.com/test.txt"), new(StringComparer.Ordinal) { ["host"] = "examplebucket.s3.amazonaws.com" }, TimeSpan.FromDays(1));
        Assert.Equal(
            "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
            + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
            signed);
    }

    [Theory]
    [InlineData(null, false, "content-length%3Bhost")]
    [InlineData("image/png", false, "content-length%3Bcontent-type%3Bhost")]
    [InlineData("image/png", true, "content-length%3Bcontent-type%3Bhost%3Bx-amz-acl")]
    public async Task A_slot_is_in_the_bucket(string? type, bool acl, string headers)
    {
        await using var server = await TestServer.StartAsync(with => with.Module<HttpUploadModule>(new HttpUploadOptions
        {
            S3 = s_bucket with { BucketUrl = "http://127.0.0.1:9000/bucket/", AddAcl = acl },
            TokenBytes = 4,
            ExpirationTime = TimeSpan.FromSeconds(120),
        }));
        await using var alice = await server.ConnectAsync("alice");
        var attribute = type is null ? "" : $"content-type='{type}'";
        await alice.SendAsync($"<iq type='get' id='1' to='upload.example.test'><request xmlns='urn:xmpp:http:upload:0' filename='très cool.jpg' size='5' {attribute}/></iq>");
        var slot = (await alice.ReceiveAsync()).Child("slot", Ns.HttpUpload)!.Value;
        var get = slot.Child("get")!.Value.Attribute("url")!;
        var put = slot.Child("put")!.Value;
        Assert.Matches("^http://127.0.0.1:9000/bucket/[0-9a-f]{8}/tr%C3%A8s%20cool.jpg$", get);
        Assert.StartsWith($"{get}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=", put.Attribute("url"));
        Assert.Contains("&X-Amz-Expires=120&", put.Attribute("url"));
        Assert.Contains($"&X-Amz-SignedHeaders={headers}&", put.Attribute("url"));
        Assert.Empty(put.Children.ToArray()); // as in the reference
        Assert.Empty(server.Host.HttpEndpoints);
    }

    // HUP-003, issued to a client and used by it: a bucket that computes the signature from the request takes this file and no other, whatever the name
    [Theory]
    [InlineData("très cool.jpg", "image/png", true)]
    [InlineData("a+b (1)!'*~&=;,@:$.txt", null, false)]
    [InlineData("100%41%2F.txt", "text/plain; charset=utf-8", false)]
    [InlineData("漢字 🦦.bin", null, true)]
    public async Task A_bucket_takes_what_its_slot_is_for(string name, string? type, bool acl)
    {
        using var bucket = new CheckingBucket(FreePort.Next(), s_bucket.SecretAccessKey);
        await using var server = await TestServer.StartAsync(with => with.Module<HttpUploadModule>(new HttpUploadOptions { S3 = s_bucket with { BucketUrl = bucket.Address, AddAcl = acl } }));
        await using var alice = await server.ConnectAsync("alice");
        var request = new XmlBuilder("request", Ns.HttpUpload).Attribute("filename", name).Attribute("size", "5");
        await alice.SendAsync($"<iq type='get' id='1' to='upload.example.test'>{(type is null ? request : request.Attribute("content-type", type)).Build()}</iq>");
        var put = (await alice.ReceiveAsync()).Child("slot", Ns.HttpUpload)!.Value.Child("put")!.Value.Attribute("url")!;
        Assert.Equal(403, await PutAsync(put, "longer than that", type, acl));
        Assert.Equal(403, await PutAsync(put.Replace("?", "x?", StringComparison.Ordinal), "hello", type, acl));
        Assert.Equal(403, await PutAsync(put.Replace("X-Amz-Expires=", "X-Amz-Expires=9", StringComparison.Ordinal), "hello", type, acl));
        Assert.Equal(type is null ? 200 : 403, await PutAsync(put, "hello", "text/html", acl));
        bucket.Files.Clear();
        Assert.Equal(200, await PutAsync(put, "hello", type, acl));
        Assert.EndsWith($"/{name}", Assert.Single(bucket.Files.Keys));
    }

    private static async Task<int> PutAsync(string address, string content, string? type, bool acl)
    {
        using var http = new HttpClient();
        using var body = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(content));
        if (type is not null)
        {
            body.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(address)) { Content = body };
        if (acl)
        {
            request.Headers.Add("x-amz-acl", "public-read");
        }

        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }

    [Fact]
    public void Options_fit_together()
    {
        Assert.Equal(UploadBackend.Disk, new HttpUploadOptions().EffectiveBackend);
        Assert.Equal(UploadBackend.S3, new HttpUploadOptions { S3 = s_bucket }.EffectiveBackend); // a file of the reference names no backend
        Assert.NotEmpty(new HttpUploadOptions { Backend = UploadBackend.S3 }.Validate(new(this)));
        Assert.NotEmpty(new HttpUploadOptions { TokenBytes = 8 }.Validate(new(this)));
        Assert.Empty(new HttpUploadOptions { TokenBytes = 8, S3 = s_bucket }.Validate(new(this)));
    }
}
