using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Meerkat.Interop.Tests;
using Meerkat.Testing;

[assembly: AssemblyFixture(typeof(ServerUnderTest))]

namespace Meerkat.Interop.Tests;

/// <summary>An account on the server under test.</summary>
public sealed record Account(string Localpart, string Password)
{
    public string Jid => $"{Localpart}@{ServerUnderTest.Domain}";
}

/// <summary>The server as a user starts it: one process for all tests, on free loopback ports, with its data in a folder that goes away.</summary>
public sealed class ServerUnderTest : IAsyncLifetime
{
    public const string Domain = "localhost";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly StringBuilder _output = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;
    private int _accounts;

    /// <summary>Runs once, before the server starts and after its configuration is written; null for nothing.</summary>
    public Func<ServerUnderTest, Task>? Prepare { get; init; }

    /// <summary>The hashes of SCRAM that are offered and kept, as the configuration lists them; null for all.</summary>
    public string? Hashes { get; init; }

    /// <summary>A folder for this run; removed at its end.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("meerkat-interop-").FullName;

    /// <summary>c2s with STARTTLS.</summary>
    public int ClientPort { get; } = FreePort.Next();

    /// <summary>c2s with direct TLS.</summary>
    public int DirectTlsPort { get; } = FreePort.Next();

    public int HttpPort { get; } = FreePort.Next();

    /// <summary>HTTP with BOSH and without WebSocket, as behind a proxy that lets none through.</summary>
    public int BoshPort { get; } = FreePort.Next();

    /// <summary>PEM file: the server's certificate, which a client must trust and no other.</summary>
    public string CertificateFile => Path.Combine(Folder, "certificate.pem");

    public string ChatUrl => $"http://{Domain}:{HttpPort}/chat/";

    /// <summary>The page where there is no WebSocket.</summary>
    public string ChatUrlWithoutWebSocket => $"http://{Domain}:{BoshPort}/chat/";

    public string BoshUrl => $"http://{Domain}:{BoshPort}/http-bind";

    public async ValueTask InitializeAsync()
    {
        WriteCertificate();
        var configuration = Path.Combine(Folder, "meerkat.toml");
        await File.WriteAllTextAsync(configuration, Configuration());

        if (Prepare is not null)
        {
            await Prepare(this);
        }

        var start = new ProcessStartInfo(Program()) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("run");
        start.ArgumentList.Add("--config");
        start.ArgumentList.Add(configuration);
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Exited += (_, _) => _ready.TrySetException(new InvalidOperationException("The server ended before it was ready."));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        try
        {
            await _ready.Task.WaitAsync(Patience);
        }
        catch (Exception problem) when (problem is TimeoutException or InvalidOperationException)
        {
            throw new InvalidOperationException($"The server did not start: {problem.Message}\n{Output()}", problem);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false } process)
        {
            using var signal = Process.Start("/bin/sh", ["-c", $"kill -TERM {process.Id}"]);
            try
            {
                await process.WaitForExitAsync().WaitAsync(Patience);
            }
            catch (TimeoutException)
            {
                process.Kill(entireProcessTree: true);
                throw new InvalidOperationException($"The server did not stop on SIGTERM.\n{Output()}");
            }

            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"The server stopped on SIGTERM with {process.ExitCode}.\n{Output()}");
            }
        }

        _process?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>What the server has printed so far, for the message of a test that failed.</summary>
    public string Output()
    {
        lock (_output)
        {
            return _output.ToString();
        }
    }

    /// <summary>Runs one of the server's commands on its configuration and data, and waits for its end.</summary>
    /// <returns>Its exit code and all that it printed.</returns>
    public async Task<(int ExitCode, string Output)> RunAsync(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Program(), [.. arguments, "--config", Path.Combine(Folder, "meerkat.toml")]) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        return (process.ExitCode, await output + await errors);
    }

    /// <summary>A name that no other test uses.</summary>
    public Account Unregistered(string name) => new($"{name}{Interlocked.Increment(ref _accounts)}", "otter & <meerkat>");

    /// <summary>Makes an account by in-band registration (XEP-0077 §3.1), in the few bytes of XMPP that this takes, so that no client program is needed for it.</summary>
    public async Task<Account> RegisterAsync(string name)
    {
        var account = Unregistered(name);
        using var limit = new CancellationTokenSource(Patience);
        using var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, DirectTlsPort, limit.Token);
        await using var tls = new SslStream(tcp.GetStream());
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(CertificateFile));
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = Domain, ApplicationProtocols = [new("xmpp-client")], CertificateChainPolicy = trust },
            limit.Token);

        await SendAsync($"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='{Domain}' version='1.0'>");
        await ReadUntilAsync("</stream:features>");
        var password = System.Security.SecurityElement.Escape(account.Password);
        await SendAsync(
            $"<iq type='set' id='reg'><query xmlns='jabber:iq:register'><username>{account.Localpart}</username><password>{password}</password></query></iq></stream:stream>");
        var answer = (await ReadUntilAsync("</stream:stream>")).Replace('"', '\'');
        Assert.True(answer.Contains("type='result'", StringComparison.Ordinal), $"registration was answered with {answer}");
        return account;

        Task SendAsync(string xml) => tls.WriteAsync(Encoding.UTF8.GetBytes(xml), limit.Token).AsTask();

        async Task<string> ReadUntilAsync(string end)
        {
            var read = new StringBuilder();
            var buffer = new byte[4096];
            while (!read.ToString().Contains(end, StringComparison.Ordinal))
            {
                var length = await tls.ReadAsync(buffer, limit.Token);
                Assert.True(length > 0, $"the stream ended before {end}: {read}");
                read.Append(Encoding.UTF8.GetString(buffer, 0, length));
            }

            return read.ToString();
        }
    }

    private static string Program()
    {
        // Another server in our place shows whether a scenario or our server is wrong: a program that takes the same arguments and says the same line.
        if (Environment.GetEnvironmentVariable("MEERKAT_INTEROP_SERVER") is { Length: > 0 } other)
        {
            return other;
        }

        var folder = typeof(ServerUnderTest).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "ServerFolder").Value!;
        return Path.Combine(folder, "meerkat");
    }

    private void WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Domain}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(Domain);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(Folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    private string Configuration() => $"""
        [general]
          hosts = ["{Domain}"]
          default_server_domain = "{Domain}"
          registration_timeout = "infinity"
          loglevel = "info"

        [[listen.c2s]]
          port = {ClientPort}
          ip_address = "127.0.0.1"
          tls.mode = "starttls"
          tls.verify_mode = "none"
          tls.certfile = "{CertificateFile}"
          tls.keyfile = "{Folder}/key.pem"

        [[listen.c2s]]
          port = {DirectTlsPort}
          ip_address = "127.0.0.1"
          tls.mode = "tls"
          tls.verify_mode = "none"
          tls.certfile = "{CertificateFile}"
          tls.keyfile = "{Folder}/key.pem"

        [[listen.http]]
          port = {HttpPort}
          ip_address = "127.0.0.1"

          [[listen.http.handlers.mongoose_websocket_handler]]
            host = "_"
            path = "/ws-xmpp"

          [[listen.http.handlers.webchat]]
            host = "_"
            path = "/chat"

        [[listen.http]]
          port = {BoshPort}
          ip_address = "127.0.0.1"

          [[listen.http.handlers.mongoose_bosh_handler]]
            host = "_"
            path = "/http-bind"

          [[listen.http.handlers.webchat]]
            host = "_"
            path = "/chat"

        [services.service_bosh]

        [auth]
          {(Hashes is null ? "" : $"password.hash = [{Hashes}]")}
        [auth.internal]

        [modules.mod_blocking]
        [modules.mod_carboncopy]
        [modules.mod_disco]
        [modules.mod_mam]
          max_result_limit = 200
          [modules.mod_mam.pm]
          [modules.mod_mam.muc]
        [modules.mod_muc]
        [modules.mod_offline]
        [modules.mod_ping]
        [modules.mod_presence]
        [modules.mod_private]
        [modules.mod_register]
        [modules.mod_roster]
          versioning = true
        [modules.mod_stream_management]
          buffer_max = 1_000
        [modules.mod_vcard]
        """;

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_output)
        {
            _output.AppendLine(line);
        }

        if (line.StartsWith("Meerkat is ready", StringComparison.Ordinal))
        {
            _ready.TrySetResult();
        }
    }
}
