using System.Net.Sockets;
using System.Text;
using Meerkat.Load.Client;
using Meerkat.Load.Reporting;

namespace Meerkat.Load.Scenarios;

/// <summary>As <see cref="ChatScenario"/>, over BOSH: whoever gets n messages in an answer sends n back in the next request, which waits for the next answer.</summary>
internal sealed class BoshScenario(Target target, int users, int inFlight, TimeSpan warmUp, TimeSpan measured)
{
    private static readonly byte[] EndOfMessage = "</message>"u8.ToArray();

    private long[] _delivered = [];
    private long[] _sent = [];
    private long _errors;
    private volatile bool _reply = true;

    public static BoshScenario From(Target target, LoadArguments args) => new(
        target, args.Number("users", 100), args.Number("in-flight", 1), args.Time("warm-up", 2), args.Time("seconds", 4));

    public async Task<Measurement> RunAsync(CancellationToken ct)
    {
        var clients = await Crowd.EachAsync(users, 8, (user, stop) => BoshClient.LogInAsync(target, user, user, stop), ct);
        (_delivered, _sent) = (new long[users], new long[users]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var pumps = clients.Select((client, user) => Task.Run(() => ChatAsync(client, user, stop.Token), ct)).ToArray();

        await Task.Delay(warmUp, ct);
        var (meter, before) = (new Meter(target), Delivered());
        await Task.Delay(measured, ct);
        var measurement = meter.CpuPer($"bosh-{inFlight}", "us/message", Delivered() - before, "");

        // All that was sent must arrive: a server that drops messages is not a fast one.
        _reply = false;
        for (var i = 0; i < 50 && Delivered() < Sent(); i++)
        {
            await Task.Delay(100, ct);
        }

        var missing = Sent() - Delivered();
        await stop.CancelAsync();
        await Task.WhenAll(pumps);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        return measurement with { Note = missing + _errors == 0 ? "" : $"FAILED: {missing} lost, {_errors} errors" };
    }

    private long Delivered() => Enumerable.Range(0, users).Sum(user => Volatile.Read(ref _delivered[user]));

    private long Sent() => Enumerable.Range(0, users).Sum(user => Volatile.Read(ref _sent[user]));

    private async Task ChatAsync(BoshClient client, int user, CancellationToken ct)
    {
        var one = Encoding.ASCII.GetBytes(
            $"<message xmlns='jabber:client' to='{target.Localpart(user ^ 1)}@{target.Domain}/load' type='chat' id='m1'><body>{new string('m', 100)}</body></message>");
        byte[] batch = [.. Enumerable.Repeat(one, inFlight).SelectMany(bytes => bytes)];
        var count = user % 2 == 0 ? inFlight : 0;
        try
        {
            while (true)
            {
                Volatile.Write(ref _sent[user], _sent[user] + count);
                var answer = await client.ExchangeAsync(batch.AsMemory(0, count * one.Length), ct);
                count = answer.Span.Count(EndOfMessage);
                Volatile.Write(ref _delivered[user], _delivered[user] + count);
                if (answer.Span.IndexOf("terminate"u8) >= 0 || answer.Span.IndexOf("<error"u8) >= 0)
                {
                    Interlocked.Increment(ref _errors);
                    return;
                }

                // Never more than there are under way, so that a batch is enough.
                count = _reply ? Math.Min(count, inFlight) : 0;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or XmppException)
        {
            if (!ct.IsCancellationRequested)
            {
                Interlocked.Increment(ref _errors);
            }
        }
    }
}
