using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Meerkat.Load.Client;
using Meerkat.Load.Reporting;
using Meerkat.Load.Scenarios;

namespace Meerkat.Load.Population;

/// <summary>Makes neighbours mutual contacts by the subscription protocol (RFC 6121 §3.1): asked one way, approved and asked back, approved.</summary>
/// <remarks>Nobody is available meanwhile, so that no presence is exchanged for each approval.</remarks>
internal sealed class Befriender(Target target, int users, int contacts, int atOnce)
{
    private static readonly byte[] Presence = "<presence"u8.ToArray();
    private long _bytes;

    public static Befriender From(Target target, LoadArguments args) => new(
        target, args.Number("users", 5000), args.Number("contacts", 100), args.Number("at-once", 16));

    public async Task<Measurement> RunAsync(CancellationToken ct)
    {
        var meter = new Meter(target);
        var clients = await Crowd.LogInAsync(target, users, atOnce, ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var drains = clients.Select(client => DrainAsync(client, stop.Token)).ToArray();

        await EachSendsAsync(clients, forward: true, ["subscribe"], ct);
        await EachSendsAsync(clients, forward: false, ["subscribed", "subscribe"], ct);
        await EachSendsAsync(clients, forward: true, ["subscribed"], ct);

        await stop.CancelAsync();
        await Task.WhenAll(drains);
        await Crowd.DisposeAsync(clients);
        var both = await CountMutualAsync(ct);
        var measurement = meter.CpuPer("befriend", "us/pair", (long)users * contacts / 2, $"first user has {both} mutual contacts");
        return both == contacts ? measurement : measurement with { Note = "FAILED: " + measurement.Note };
    }

    private async Task EachSendsAsync(XmppClient[] clients, bool forward, string[] types, CancellationToken ct)
    {
        await Crowd.EachAsync(
            users,
            atOnce,
            async (user, each) =>
            {
                var xml = new StringBuilder();
                for (var distance = 1; distance <= contacts / 2; distance++)
                {
                    var contact = target.Localpart(forward ? (user + distance) % users : (user + users - distance) % users);
                    foreach (var type in types)
                    {
                        xml.Append($"<presence to='{contact}@{target.Domain}' type='{type}'/>");
                    }
                }

                await clients[user].SendAsync(xml.ToString(), each);
                return true;
            },
            ct);
        await QuiesceAsync(ct);
    }

    /// <summary>The next step needs the one before to be handled everywhere: until the server has used no processor time for half a second.</summary>
    private async Task QuiesceAsync(CancellationToken ct)
    {
        var (quietSince, bytes, cpu) = (Stopwatch.GetTimestamp(), -1L, TimeSpan.Zero);
        while (Stopwatch.GetElapsedTime(quietSince) < TimeSpan.FromSeconds(0.5))
        {
            await Task.Delay(100, ct);
            var (nowBytes, nowCpu) = (Interlocked.Read(ref _bytes), ProcessTree.Cpu(target.ServerProcess));
            if (nowBytes != bytes || nowCpu - cpu > TimeSpan.FromMilliseconds(20))
            {
                (quietSince, bytes) = (Stopwatch.GetTimestamp(), nowBytes);
            }

            cpu = nowCpu;
        }
    }

    private async Task<int> CountMutualAsync(CancellationToken ct)
    {
        await using var client = await XmppClient.LogInAsync(target, 0, 0, ct);
        await client.SendAsync("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'></query></iq><iq type='get' id='marker-0' to='" + target.Domain + "'><ping xmlns='urn:xmpp:ping'></ping></iq>", ct);
        var text = new StringBuilder();
        while (!text.ToString().Contains("marker-0", StringComparison.Ordinal))
        {
            text.Append(await client.ReadElementAsync(ct));
        }

        return text.ToString().Replace('"', '\'').Split("subscription='both'").Length - 1;
    }

    private async Task DrainAsync(XmppClient client, CancellationToken ct)
    {
        try
        {
            int count;
            while ((count = await client.CountAsync(Presence, ct)) >= 0)
            {
                Interlocked.Add(ref _bytes, client.LastRead.Length);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // Ended: a stanza that is missing shows in the count at the end.
        }
    }
}
