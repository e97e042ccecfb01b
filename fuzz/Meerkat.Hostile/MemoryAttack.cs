using System.IO.Pipelines;
using System.Net;
using Meerkat.Connections.Clients;
using Meerkat.Core.Accounts;
using Meerkat.Core.Modules;
using Meerkat.Core.Streams;
using Meerkat.Modules.PrivateStorage;
using Meerkat.Testing;
using Meerkat.Xml;
using Microsoft.Extensions.Logging;

namespace Meerkat.Hostile;

/// <summary>Hostile streams against the server's parts, over pipes in memory and with every module that there is.</summary>
public static class MemoryAttack
{
    private const int Round = 4000;
    private const string Password = "secret";

    // What a runtime keeps for itself between two looks; a leak of 100 bytes a stream shows in 10^6 streams all the same.
    private const long Slack = 24 * 1024 * 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly string[] s_accounts = ["a", "b", "c", "d"];
    private static readonly XmlLimits s_limits = XmlLimits.Default with { MaxElementBytes = 65_536 };

    // Not the stand-ins of modules that are there, and no uploads: those are files behind HTTP, of which there is none in memory.
    private static bool IsReachable(ModuleDescription module) =>
        !module.Key.EndsWith("_stub", StringComparison.Ordinal) && module.Key is not "mod_http_upload";

    /// <summary>Runs an attack.</summary>
    /// <param name="seed">The seed.</param>
    /// <param name="count">How many streams.</param>
    /// <param name="longest">Ends the attack early.</param>
    public static async Task<AttackReport> RunAsync(int seed, int count, TimeSpan longest)
    {
        var report = new AttackReport();
        using var late = new CancellationTokenSource(longest);
        await using var server = await TestServer.StartAsync(with =>
        {
            with.Log.Minimum = LogLevel.Error;
            foreach (var module in new ModuleCatalogue(typeof(PrivateStorageModule).Assembly).All.Where(IsReachable))
            {
                with.Module(module);
            }
        });
        var generator = new StreamGenerator(seed, s_accounts, Password, server.Domain);
        for (var start = 0; start < count && !late.IsCancellationRequested && report.Violations.Count == 0; start += Round)
        {
            foreach (var name in s_accounts)
            {
                await server.Accounts.AddAsync($"{name}@{server.Domain}", Password);
            }

            await Parallel.ForEachAsync(Enumerable.Range(start, Math.Min(Round, count - start)), async (number, _) =>
            {
                var stream = generator.Make(number);
                report.Count(stream);
                await PlayAsync(server, stream, $"seed {seed}, case {number} ({stream.Kind})", report);
            });
            await RestAsync(server, report, $"seed {seed}, after case {start + Round - 1}");
            var memory = GC.GetTotalMemory(forceFullCollection: true);
            report.Memory = (start == 0 ? memory : report.Memory.Before, memory);
        }

        if (report.Memory.After > report.Memory.Before + Slack)
        {
            report.Violation($"seed {seed}: memory does not come back");
        }

        return report;
    }

    private static async Task PlayAsync(TestServer server, HostileStream stream, string name, AttackReport report)
    {
        var options = new PipeOptions(pauseWriterThreshold: 0, readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, useSynchronizationContext: false);
        var toServer = new Pipe(options);

        // A peer that has abandoned us does not read either: what it is sent stays in a pipe that fills.
        var toClient = stream.Ending is Ending.Abandon ? new Pipe(new PipeOptions(useSynchronizationContext: false)) : new Pipe(options);
        var facts = new TransportFacts("memory", new IPEndPoint(IPAddress.Loopback, 40000), false);
        var pipes = new Pipes(toServer.Reader, toClient.Writer);
        var profile = new ClientProfile { RequiresTls = stream.Behind is not null };
        var connection = new ClientConnection(
            server.Context, profile, s_limits, pipes, facts, Upgrade, shaper: null, abort: () => toClient.Writer.CancelPendingFlush());
        Task? running = null;
        try
        {
            if (stream.Behind is { } behind)
            {
                // All in one packet; what follows in the real channel comes when the server has answered.
                await toServer.Writer.WriteAsync(System.Text.Encoding.UTF8.GetBytes(SessionText.Header.Replace("{domain}", server.Domain, StringComparison.Ordinal) + SessionText.StartTls).Concat(behind).ToArray());
            }
            else if (!stream.IsSlow)
            {
                await toServer.Writer.WriteAsync(stream.Bytes);
            }

            running = connection.RunAsync(CancellationToken.None);
            if (stream.Behind is not null)
            {
                await toServer.Writer.WriteAsync(stream.Bytes);
            }

            for (var i = 0; stream.IsSlow && i < stream.Bytes.Length; i++)
            {
                await toServer.Writer.WriteAsync(stream.Bytes.AsMemory(i, 1));
            }

            if (stream.Ending is Ending.Abandon)
            {
                server.Time.Advance(TimeSpan.FromSeconds(20));
            }

            await toServer.Writer.CompleteAsync(stream.Ending is Ending.Close ? null : new IOException("reset"));
            await toClient.Reader.CompleteAsync();
            await running.WaitAsync(s_patience);
        }
        catch (Exception failure)
        {
            report.Violation($"{name}: {(failure is TimeoutException ? "the connection does not end" : failure)}");
        }

        Task<(IDuplexPipe, TransportFacts)?> Upgrade(IDuplexPipe open, CancellationToken ct) =>
            Task.FromResult<(IDuplexPipe, TransportFacts)?>((open, facts with { IsEncrypted = true }));
    }

    // Everything that lasted is over: sessions that waited for resumption expire, accounts go with all that they have, and two well-behaved clients chat.
    private static async Task RestAsync(TestServer server, AttackReport report, string name)
    {
        try
        {
            server.Time.Advance(TimeSpan.FromHours(2));
            await using (var romeo = await server.ConnectAsync("romeo"))
            await using (var juliet = await server.ConnectAsync("juliet"))
            {
                await romeo.SendAsync($"<message to='{juliet.Jid}' type='chat'><body>still there?</body></message>");
                await juliet.ReceiveAsync(element => element.Name == "message" && element.ChildText("body") == "still there?");
            }

            foreach (var account in await server.Host.Auth.ListAsync(server.Domain, AccountListing.All, CancellationToken.None))
            {
                await server.Host.Auth.Accounts.RemoveAsync(account, CancellationToken.None);
            }

            server.Time.Advance(TimeSpan.FromHours(2));
            using var patience = new CancellationTokenSource(s_patience);
            while (server.Context.Sessions.Count > 0)
            {
                patience.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }
        catch (Exception failure)
        {
            report.Violation($"{name}: the server does not serve: {failure} ({server.Context.Sessions.Count} sessions left)");
        }

        foreach (var error in server.Log.Errors.Take(3))
        {
            report.Violation($"{name}: logged {error}");
        }
    }

    private sealed record Pipes(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
