using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Meerkat.Testing;

namespace Meerkat.Hostile;

/// <summary>Hostile streams against a server's process over TCP and TLS, from many addresses of 127.0.0.0/8.</summary>
public static class SocketAttack
{
    private const int AtATime = 48;
    private const int MostAbandoned = 200;
    private const int SlowBytes = 200;

    // A runtime gives back what it needed at the peak only when it has to.
    private const long Slack = 64 * 1024 * 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(40);

    /// <summary>Runs an attack.</summary>
    /// <param name="server">Whom to attack.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="count">How many streams.</param>
    /// <param name="longest">Ends the attack early.</param>
    public static async Task<AttackReport> RunAsync(ServerProcess server, int seed, int count, TimeSpan longest)
    {
        var report = new AttackReport();
        using var late = new CancellationTokenSource(longest);
        await ChatAsync(server);
        var sockets = server.Sockets;

        // The first tenth warms the server up: what it holds after that is its rest.
        await BurstAsync(server, seed, 0, count / 10, report, late.Token);
        var before = server.ResidentBytes;
        await BurstAsync(server, seed, count / 10, count, report, late.Token);
        report.Memory = (before, server.ResidentBytes);
        if (!server.IsRunning)
        {
            report.Violation($"seed {seed}: the server is gone");
            return report;
        }

        try
        {
            await ChatAsync(server);
        }
        catch (Exception failure)
        {
            report.Violation($"seed {seed}: the server does not serve: {failure}");
        }

        await ComeToRestAsync(() => server.Sockets <= sockets, () => report.Violation($"seed {seed}: {server.Sockets} sockets are open, {sockets} were before"));
        await ComeToRestAsync(() => server.ResidentBytes < before + Slack, () => report.Violation($"seed {seed}: {server.ResidentBytes >> 20} MiB are resident, {before >> 20} were before"));
        report.Memory = (before, server.ResidentBytes);
        foreach (var error in server.Errors.Take(5))
        {
            report.Violation($"seed {seed}: logged {error}");
        }

        return report;
    }

    /// <summary>Two well-behaved clients log in over TLS, and one writes to the other.</summary>
    public static async Task ChatAsync(ServerProcess server)
    {
        await using var romeo = await TestClient.ConnectAsync(server.StartTls, ServerProcess.Domain);
        await romeo.OpenStreamAsync();
        await romeo.StartTlsAsync();
        await romeo.LogInAsync(server.Bystanders[0], ServerProcess.Domain, ServerProcess.Password);
        await romeo.BindAsync();
        await using var juliet = await TestClient.ConnectAsync(server.DirectTls, ServerProcess.Domain);
        await juliet.EncryptAsync();
        await juliet.LogInAsync(server.Bystanders[1], ServerProcess.Domain, ServerProcess.Password);
        await juliet.BindAsync();

        // What the attack left in the account may come first.
        var text = Guid.NewGuid().ToString();
        await romeo.SendAsync($"<message to='{juliet.Jid}' type='chat'><body>{text}</body></message>");
        await juliet.ReceiveAsync(element => element.Name == "message" && element.ChildText("body") == text);
        await romeo.SendAsync("</stream:stream>");
        await juliet.SendAsync("</stream:stream>");
        await romeo.ExpectEndAsync();
        await juliet.ExpectEndAsync();
    }

    private static async Task BurstAsync(ServerProcess server, int seed, int from, int to, AttackReport report, CancellationToken late)
    {
        var generator = new StreamGenerator(seed, server.Accounts, ServerProcess.Password, ServerProcess.Domain);
        var abandoned = new ConcurrentQueue<Socket>();
        try
        {
            await Parallel.ForEachAsync(Enumerable.Range(from, to - from), new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = late }, async (number, _) =>
            {
                var stream = generator.Make(number);
                report.Count(stream);
                await PlayAsync(server, new Random(unchecked(seed + number)), stream, $"seed {seed}, case {number} ({stream.Kind})", abandoned, report);
                while (abandoned.Count > MostAbandoned && abandoned.TryDequeue(out var oldest))
                {
                    Reset(oldest);
                }
            });
        }
        catch (OperationCanceledException)
        {
            // As long as it may take.
        }

        while (abandoned.TryDequeue(out var left))
        {
            Reset(left);
        }
    }

    private static async Task PlayAsync(ServerProcess server, Random random, HostileStream stream, string name, ConcurrentQueue<Socket> abandoned, AttackReport report)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var patience = new CancellationTokenSource(s_patience);
        try
        {
            socket.Bind(new IPEndPoint(new IPAddress([127, 0, (byte)random.Next(4), (byte)random.Next(1, 255)]), 0));
            var target = stream.Behind is not null ? server.StartTlsRequired : random.Next(5) switch { 0 or 1 => server.DirectTls, 2 => server.Proxied, _ => server.StartTls };
            await socket.ConnectAsync(target, patience.Token);
            Stream wire = new NetworkStream(socket);
            wire = await OpenAsync(server, random, stream, target, wire, patience.Token);
            if (stream.Ending is Ending.Abandon)
            {
                // Nobody reads here: what the server sends fills the buffers.
                await SayAsync(stream, wire, patience.Token);
                abandoned.Enqueue(socket);
                return;
            }

            var reading = ReadAsync(wire, patience.Token);
            await SayAsync(stream, wire, patience.Token);
            if (stream.Ending is Ending.Reset)
            {
                Reset(socket);
                await reading;
                return;
            }

            if (wire is SslStream tls && !await SayFarewellAsync(tls))
            {
                Reset(socket);
                await reading;
                return;
            }

            socket.Shutdown(SocketShutdown.Send);
            await reading;
            socket.Dispose();
        }
        catch (Exception refused) when (refused is IOException or SocketException or ObjectDisposedException or System.Security.Authentication.AuthenticationException or System.Security.Cryptography.CryptographicException or InvalidOperationException)
        {
            // The server may close in the middle of anything that it does not like.
            Reset(socket);
        }
        catch (OperationCanceledException)
        {
            report.Violation($"{name}: the connection does not end");
            Reset(socket);
        }
    }

    // What comes before the stream itself: a PROXY header, TLS, or STARTTLS with something behind it.
    private static async Task<Stream> OpenAsync(ServerProcess server, Random random, HostileStream stream, IPEndPoint target, Stream wire, CancellationToken ct)
    {
        if (target == server.Proxied && random.Next(4) > 0)
        {
            await wire.WriteAsync(random.Next(2) == 0 ? "PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n"u8.ToArray() : "PROXY TCP4 10.0.0"u8.ToArray(), ct);
        }

        if (stream.Behind is { } behind)
        {
            var start = SessionText.Header.Replace("{domain}", ServerProcess.Domain, StringComparison.Ordinal) + SessionText.StartTls;
            await wire.WriteAsync(Encoding.UTF8.GetBytes(start).Concat(behind).ToArray(), ct);
            if (!await ReadUntilAsync(wire, "<proceed", ct) || random.Next(4) == 0)
            {
                return wire; // and goes on in the clear
            }
        }
        else if (target != server.DirectTls || random.Next(10) == 0)
        {
            return wire;
        }

        var tls = new SslStream(wire);
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = ServerProcess.Domain, RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null },
            ct);
        return tls;
    }

    private static async Task SayAsync(HostileStream stream, Stream wire, CancellationToken ct)
    {
        if (!stream.IsSlow)
        {
            await wire.WriteAsync(stream.Bytes, ct);
            return;
        }

        for (var i = 0; i < Math.Min(SlowBytes, stream.Bytes.Length); i++)
        {
            await wire.WriteAsync(stream.Bytes.AsMemory(i, 1), ct);
            await Task.Delay(1, ct); // a packet for every byte
        }

        await wire.WriteAsync(stream.Bytes.AsMemory(Math.Min(SlowBytes, stream.Bytes.Length)), ct);
    }

    private static async Task<bool> ReadUntilAsync(Stream wire, string end, CancellationToken ct)
    {
        var text = new StringBuilder();
        var buffer = new byte[2048];
        while (!text.ToString().Contains(end, StringComparison.Ordinal))
        {
            var length = await wire.ReadAsync(buffer, ct);
            if (length == 0)
            {
                return false;
            }

            text.Append(Encoding.UTF8.GetString(buffer, 0, length));
        }

        return true;
    }

    private static async Task ReadAsync(Stream wire, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
        try
        {
            while (await wire.ReadAsync(buffer, ct) > 0)
            {
            }
        }
        catch (Exception over) when (over is IOException or SocketException or ObjectDisposedException)
        {
            // A reset is an end too.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // Where the server has reset the connection, the framework throws an exception that it keeps to itself: our own end fails, which proves nothing about the server.
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The type is internal to the framework.")]
    private static async Task<bool> SayFarewellAsync(SslStream tls)
    {
        try
        {
            await tls.ShutdownAsync();
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            // It is reset already.
        }

        socket.Dispose();
    }

    private static async Task ComeToRestAsync(Func<bool> rests, Action otherwise)
    {
        var waited = Stopwatch.StartNew();
        while (!rests())
        {
            if (waited.Elapsed > s_patience)
            {
                otherwise();
                return;
            }

            await Task.Delay(100);
        }
    }
}
