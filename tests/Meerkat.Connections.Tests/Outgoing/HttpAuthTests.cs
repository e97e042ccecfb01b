using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Meerkat.Connections.Outgoing;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Meerkat.Connections.Tests.Outgoing;

/// <summary>Accounts that a web service knows, against a real one on this machine (AUTH-074 to AUTH-088, AUTH-181).</summary>
public sealed class HttpAuthTests
{
    private static readonly BareJid s_user = BareJid.Parse("j.d+x@example.org");

    [Fact] // AUTH-076, AUTH-078, AUTH-181
    public async Task The_service_is_asked_in_its_words()
    {
        await using var service = await Service.StartAsync();
        service.Answers["check_password"] = (200, "true");
        using var pool = service.Pool();
        var method = Method(pool, PasswordFormat.Plain, "me:mine");
        Assert.True(await method.CheckPasswordAsync(s_user, "p&w", None));
        Assert.Equal("GET /api/auth/check_password?user=j.d%2Bx&server=example.org&pass=p%26w Basic bWU6bWluZQ==", service.Asked.Single());
        service.Answers["check_password"] = (200, "true\n");
        Assert.False(await method.CheckPasswordAsync(s_user, "p&w", None)); // exactly true
        service.Answers["user_exists"] = (200, "true");
        Assert.True(await method.ExistsAsync(s_user, None));
        service.Answers["user_exists"] = (404, "");
        Assert.False(await method.ExistsAsync(s_user, None));
    }

    [Fact] // AUTH-077, AUTH-085
    public async Task With_keys_this_server_checks_the_password()
    {
        await using var service = await Service.StartAsync();
        using var pool = service.Pool();
        var method = Method(pool, PasswordFormat.Scram);
        service.Answers["get_password"] = (200, ScramCredentials.Create("secret", [ScramHash.Sha1], 100).Serialise());
        Assert.True(await method.CheckPasswordAsync(s_user, "secret", None));
        Assert.False(await method.CheckPasswordAsync(s_user, "wrong", None));
        Assert.NotNull((await method.FindPasswordAsync(s_user, None))!.Scram);
        service.Answers["get_password"] = (200, "secret");
        Assert.False(await method.CheckPasswordAsync(s_user, "secret", None)); // no keys
        Assert.Equal("secret", (await Method(pool, PasswordFormat.Plain).FindPasswordAsync(s_user, None))!.Plain);
        service.Answers["get_password"] = (404, "");
        Assert.Null(await method.FindPasswordAsync(s_user, None));
        Assert.All(service.Asked, asked => Assert.StartsWith("GET /api/auth/get_password?user=j.d%2Bx&server=example.org&pass=", asked));
    }

    [Theory] // AUTH-079 to AUTH-081
    [InlineData("register", 201, AccountResult.Ok)]
    [InlineData("register", 409, AccountResult.Exists)]
    [InlineData("register", 200, AccountResult.NotAllowed)]
    [InlineData("register", 403, AccountResult.NotAllowed)]
    [InlineData("set_password", 204, AccountResult.Ok)]
    [InlineData("set_password", 404, AccountResult.NotAllowed)]
    [InlineData("remove_user", 200, AccountResult.Ok)]
    [InlineData("remove_user", 409, AccountResult.NotAllowed)]
    public async Task The_service_is_told_by_forms(string what, int status, AccountResult result)
    {
        await using var service = await Service.StartAsync();
        using var pool = service.Pool();
        var method = Method(pool, PasswordFormat.Plain);
        service.Answers[what] = (status, "");
        var password = AccountPassword.FromPlain("p&w");
        Assert.Equal(result, what switch
        {
            "register" => await method.RegisterAsync(s_user, password, None),
            "set_password" => await method.SetPasswordAsync(s_user, password, None),
            _ => await method.RemoveAsync(s_user, None),
        });
        Assert.Equal($"POST /api/auth/{what}  user=j.d%2Bx&server=example.org&pass={(what == "remove_user" ? "" : "p%26w")}", service.Asked.Single());
    }

    [Fact] // AUTH-082, AUTH-086
    public async Task A_certificate_is_one_of_those_that_the_service_names()
    {
        await using var service = await Service.StartAsync();
        using var pool = service.Pool();
        using var key = ECDsa.Create();
        using var mine = new CertificateRequest("CN=mine", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        using var other = new CertificateRequest("CN=other", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var method = Method(pool, PasswordFormat.Plain);
        Assert.False(await method.AuthoriseCertificateAsync(s_user, mine, None));
        service.Answers["get_certs"] = (200, $"{other.ExportCertificatePem()}\n{mine.ExportCertificatePem()}\n");
        Assert.True(await method.AuthoriseCertificateAsync(s_user, mine, None));
        service.Answers["get_certs"] = (200, other.ExportCertificatePem());
        Assert.False(await method.AuthoriseCertificateAsync(s_user, mine, None));
        service.Answers["get_certs"] = (200, "-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----");
        Assert.False(await method.AuthoriseCertificateAsync(s_user, mine, None));
    }

    [Fact] // AUTH-083: a failure, which is no answer
    public async Task A_service_that_is_broken_slow_gone_or_elsewhere_has_not_said_no()
    {
        var service = await Service.StartAsync();
        using var pool = service.Pool();
        using var impatient = service.Pool(TimeSpan.FromMilliseconds(200));
        var method = Method(pool, PasswordFormat.Plain);
        service.Answers["user_exists"] = (500, "");
        await Assert.ThrowsAsync<HttpRequestException>(async () => await method.ExistsAsync(s_user, None));
        service.Answers["user_exists"] = (302, "");
        await Assert.ThrowsAsync<HttpRequestException>(async () => await method.ExistsAsync(s_user, None));
        service.Answers["user_exists"] = (200, new string('x', 2 * 1024 * 1024));
        await Assert.ThrowsAsync<HttpRequestException>(async () => await method.ExistsAsync(s_user, None));
        service.Answers.TryRemove("user_exists", out _);
        service.Hangs = true;
        await Assert.ThrowsAsync<TimeoutException>(async () => await Method(impatient, PasswordFormat.Plain).ExistsAsync(s_user, None));
        await service.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(async () => await method.ExistsAsync(s_user, None));
    }

    [Fact] // CONF-129, CONF-131
    public async Task No_more_wait_than_may()
    {
        await using var service = await Service.StartAsync();
        service.Hangs = true;
        using var pool = service.Pool(TimeSpan.FromSeconds(20), workers: 1, queue: 1);
        using var gone = new CancellationTokenSource();
        var method = Method(pool, PasswordFormat.Plain);
        var waiting = Enumerable.Range(0, 2).Select(_ => method.ExistsAsync(s_user, gone.Token).AsTask()).ToList();
        await Assert.ThrowsAsync<HttpRequestException>(async () => await method.ExistsAsync(s_user, None));
        await gone.CancelAsync();
        foreach (var asked in waiting)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        }

        service.Hangs = false;
        service.Answers["user_exists"] = (200, "true");
        Assert.True(await method.ExistsAsync(s_user, None));
    }

    [Fact] // CONF-131
    public async Task The_greatest_bound_refuses_nobody()
    {
        await using var service = await Service.StartAsync();
        using var pool = service.Pool(queue: int.MaxValue);
        service.Answers["user_exists"] = (200, "true");
        Assert.True(await Method(pool, PasswordFormat.Plain).ExistsAsync(s_user, None));
    }

    private static CancellationToken None => CancellationToken.None;

    private static HttpAuthMethod Method(HttpPool pool, PasswordFormat format, string? basic = null) =>
        new(new HttpAuthOptions { BasicAuth = basic }, pool, new PasswordOptions { Format = format }, NullLogger.Instance);

    private sealed class Service : IAsyncDisposable
    {
        private readonly WebApplication _application;

        private Service(WebApplication application) => _application = application;

        public ConcurrentDictionary<string, (int Status, string Body)> Answers { get; } = new();

        public ConcurrentQueue<string> Asked { get; } = new();

        public volatile bool Hangs;

        public static async Task<Service> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
            var application = builder.Build();
            var service = new Service(application);
            application.Run(service.AnswerAsync);
            await application.StartAsync();
            return service;
        }

        public HttpPool Pool(TimeSpan? patience = null, int workers = 10, int? queue = null) => new(
            new HttpPoolOptions
            {
                Workers = workers,
                MaxWorkerQueueLen = queue,
                CallTimeout = TimeSpan.FromSeconds(30),
                Connection = new HttpConnectionOptions { Host = _application.Urls.Single(), PathPrefix = "/api/auth/", RequestTimeout = patience ?? TimeSpan.FromSeconds(20) },
            },
            TimeProvider.System);

        public async ValueTask DisposeAsync()
        {
            Hangs = false;
            await _application.DisposeAsync();
        }

        private async Task AnswerAsync(HttpContext context)
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            var form = await reader.ReadToEndAsync();
            Asked.Enqueue($"{context.Request.Method} {context.Request.Path}{context.Request.QueryString} {context.Request.Headers.Authorization}{(form.Length > 0 ? $" {form}" : "")}");
            if (Hangs)
            {
                try
                {
                    await Task.Delay(Timeout.Infinite, context.RequestAborted);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }

            var (status, body) = Answers.TryGetValue(context.Request.Path.Value!.Split('/')[^1], out var known) ? known : (404, "");
            context.Response.StatusCode = status;
            context.Response.ContentLength = Encoding.UTF8.GetByteCount(body);
            if (status is not 204)
            {
                await context.Response.WriteAsync(body);
            }
        }
    }
}
