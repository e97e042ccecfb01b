using System.Net.Sockets;
using System.Text;
using Meerkat.Load.Client;
using Meerkat.Load.Reporting;

namespace Meerkat.Load.Scenarios;

/// <summary>
/// Users in pairs, <c>--in-flight</c> messages going to and fro in each pair for ever: whoever gets n messages in one read sends n back in
/// one write. The figure is the server's processor time per delivered message.
/// </summary>
internal sealed class ChatScenario(Target target, int users, int inFlight, TimeSpan warmUp, TimeSpan measured)
{
    public static ChatScenario From(Target target, LoadArguments args) => new(
        target, args.Number("users", 100), args.Number("in-flight", 1), args.Time("warm-up", 2), args.Time("seconds", 4));

    public async Task<Measurement> RunAsync(CancellationToken ct)
    {
        var clients = await Crowd.LogInAsync(target, users, atOnce: 8, ct);
        var chatters = new Chatter[users];
        for (var user = 0; user < users; user++)
        {
            await clients[user].BecomeAvailableAsync("<presence"u8.ToArray(), ct);
            chatters[user] = new(clients[user], $"{target.Localpart(user ^ 1)}@{target.Domain}/load", inFlight);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var pumps = chatters.Select(chatter => Task.Run(() => chatter.ReplyAsync(stop.Token), ct)).ToArray();
        for (var user = 0; user < users; user += 2)
        {
            await chatters[user].SendAsync(inFlight, ct);
        }

        await Task.Delay(warmUp, ct);
        var (meter, before) = (new Meter(target), Delivered(chatters));
        await Task.Delay(measured, ct);
        var measurement = meter.CpuPer($"chat-{inFlight}", "us/message", Delivered(chatters) - before, "");

        foreach (var chatter in chatters)
        {
            chatter.Reply = false;
        }

        // All that was sent must arrive: a server that drops messages is not a fast one.
        var missing = await SettleAsync(chatters, ct);
        await stop.CancelAsync();
        await Task.WhenAll(pumps);
        await Crowd.DisposeAsync(clients);
        var errors = chatters.Sum(chatter => chatter.Errors);
        return measurement with { Note = missing + errors == 0 ? "" : $"FAILED: {missing} lost, {errors} errors" };
    }

    private static long Delivered(Chatter[] chatters) => chatters.Sum(chatter => Volatile.Read(ref chatter.Delivered));

    private static async Task<long> SettleAsync(Chatter[] chatters, CancellationToken ct)
    {
        var missing = 0L;
        for (var i = 0; i < 50; i++)
        {
            missing = chatters.Sum(chatter => Volatile.Read(ref chatter.Sent)) - Delivered(chatters);
            if (missing == 0)
            {
                break;
            }

            await Task.Delay(100, ct);
        }

        return missing;
    }

    private sealed class Chatter
    {
        private static readonly byte[] EndOfMessage = "</message>"u8.ToArray();
        private static readonly byte[] Body = Encoding.ASCII.GetBytes(new string('m', 100));

        private readonly XmppClient _client;
        private readonly byte[] _batch;
        private readonly int _one;

        public long Delivered;
        public long Sent;
        public long Errors;
        public volatile bool Reply = true;

        public Chatter(XmppClient client, string partner, int inFlight)
        {
            _client = client;
            var one = Encoding.ASCII.GetBytes($"<message to='{partner}' type='chat' id='m1'><body>{Encoding.ASCII.GetString(Body)}</body></message>");
            _one = one.Length;
            _batch = [.. Enumerable.Repeat(one, inFlight).SelectMany(bytes => bytes)];
            client.UseBufferOf(32 * 1024);
        }

        public async ValueTask SendAsync(int count, CancellationToken ct)
        {
            Sent += count;
            await _client.SendAsync(_batch.AsMemory(0, count * _one), ct);
        }

        public async Task ReplyAsync(CancellationToken ct)
        {
            try
            {
                int count;
                while ((count = await _client.CountAsync(EndOfMessage, ct)) >= 0)
                {
                    if (_client.LastRead.IndexOf("<error"u8) >= 0 || (Delivered == 0 && count > 0 && _client.LastRead.IndexOf(Body) < 0))
                    {
                        Errors++;
                    }

                    Volatile.Write(ref Delivered, Delivered + count);
                    if (count > 0 && Reply)
                    {
                        await SendAsync(count, ct);
                    }
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                Errors += ct.IsCancellationRequested ? 0 : 1;
            }
        }
    }
}
