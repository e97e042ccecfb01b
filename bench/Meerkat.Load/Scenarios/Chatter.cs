using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Meerkat.Load.Client;

namespace Meerkat.Load.Scenarios;

/// <summary>One user who sends messages of 100 bytes to one other, and counts what comes; while <see cref="Reply"/> holds, he sends back as many as came.</summary>
internal sealed class Chatter
{
    private static readonly byte[] EndOfMessage = "</message>"u8.ToArray();
    private const int IdLength = 20;
    private static readonly byte[] Body = Encoding.ASCII.GetBytes(new string('m', 100));

    private readonly XmppClient _client;
    private readonly byte[] _batch;
    private readonly int _one;
    private readonly int _idAt;

    public long Delivered;
    public long Sent;
    public long Errors;
    public volatile bool Reply = true;

    private long _lastId;

    public Chatter(XmppClient client, string partner, int inFlight, bool hasOriginIds)
    {
        _client = client;
        var before = $"<message to='{partner}' type='chat' id='m1'><body>{Encoding.ASCII.GetString(Body)}</body>";
        var one = Encoding.ASCII.GetBytes(before + (hasOriginIds ? $"<origin-id xmlns='urn:xmpp:sid:0' id='{new string('0', IdLength)}'/>" : "") + "</message>");
        _one = one.Length;
        _idAt = hasOriginIds ? one.AsSpan().IndexOf("id='0"u8) + "id='"u8.Length : 0;
        _lastId = Random.Shared.Next();
        _batch = [.. Enumerable.Repeat(one, inFlight).SelectMany(bytes => bytes)];
        client.UseBufferOf(32 * 1024);
    }

    /// <summary>A chatter for each client, available, in pairs: each writes to its neighbour.</summary>
    public static async Task<Chatter[]> PairAsync(Target target, IReadOnlyList<XmppClient> clients, int inFlight, bool reply, bool hasOriginIds, CancellationToken ct)
    {
        var chatters = new Chatter[clients.Count];
        for (var user = 0; user < chatters.Length; user++)
        {
            await clients[user].BecomeAvailableAsync("<presence"u8.ToArray(), ct);
            chatters[user] = new Chatter(clients[user], $"{target.Localpart(user ^ 1)}@{target.Domain}/load", inFlight, hasOriginIds) { Reply = reply };
        }

        return chatters;
    }

    public static long DeliveredTo(Chatter[] chatters) => chatters.Sum(chatter => Volatile.Read(ref chatter.Delivered));

    /// <summary>Waits, half a minute at most, until all that was sent has arrived.</summary>
    /// <returns>How many have not.</returns>
    public static async Task<long> SettleAsync(Chatter[] chatters, CancellationToken ct)
    {
        var missing = 0L;
        for (var i = 0; i < 300; i++)
        {
            missing = chatters.Sum(chatter => Volatile.Read(ref chatter.Sent)) - DeliveredTo(chatters);
            if (missing == 0)
            {
                break;
            }

            await Task.Delay(100, ct);
        }

        return missing;
    }

    public async ValueTask SendAsync(int count, CancellationToken ct)
    {
        Sent += count;
        for (var i = 0; _idAt > 0 && i < count; i++)
        {
            (++_lastId).TryFormat(_batch.AsSpan(i * _one + _idAt, IdLength), out _, "D20", CultureInfo.InvariantCulture);
        }

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
