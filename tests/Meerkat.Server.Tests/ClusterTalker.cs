using System.Collections.Concurrent;
using System.Diagnostics;
using Meerkat.Testing;
using Meerkat.Xmpp;

namespace Meerkat.Server.Tests;

/// <summary>A client of a cluster that writes numbered messages to another one at a steady pace, and reads what that one writes. When its node goes it logs in on the next one and sends again what nobody has acknowledged.</summary>
internal sealed class ClusterTalker(ThreeNodes nodes, string account, string peer, int home, TimeSpan pace)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    private readonly Dictionary<string, (int Times, int Life)> _received = [];
    private readonly List<string> _disorder = [];
    private readonly ConcurrentDictionary<string, long> _sentAt = new();
    private readonly HashSet<string> _acknowledged = [];
    private readonly HashSet<string> _refused = [];
    private readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<string> _open = []; // what the last connection left unacknowledged
    private int _written;
    private int _newest = -1;
    private long _since; // when this connection's session began

    public string Account => account;

    public string Peer => peer;

    /// <summary>Who writes to it.</summary>
    public ClusterTalker? Other { get; set; }

    /// <summary>Ids of messages that the server has acknowledged (XEP-0198) and not sent back.</summary>
    public IEnumerable<string> Acknowledged => _acknowledged.Where(id => !_refused.Contains(id));

    /// <summary>Ids of messages that it sent more than once, because it could not know what became of them.</summary>
    public HashSet<string> SentAgain { get; } = [];

    /// <summary>Messages that came behind later ones, of those that were written since the session began. What was under way to a session that ended goes elsewhere, and may be late.</summary>
    public IReadOnlyList<string> Disorder => _disorder;

    /// <summary>Ids that came twice in one session.</summary>
    public List<string> Doubled { get; } = [];

    /// <summary>How many connections it has had.</summary>
    public int Lives { get; private set; }

    /// <summary>What ended the last connection; null for nothing.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Completes when enough was written and all of it is acknowledged.</summary>
    public Task Settled => _settled.Task;

    /// <summary>Writes until it is enough, and until all that it wrote is acknowledged; reads until <paramref name="over"/>.</summary>
    public async Task TalkAsync(CancellationToken enough, CancellationToken over)
    {
        using var patience = new CancellationTokenSource(s_patience + TimeSpan.FromMinutes(2));
        for (var node = home; !over.IsCancellationRequested; node++)
        {
            try
            {
                Lives++;
                await using var client = await nodes.ConnectAsync(node % nodes.Count, account, "talker");
                await LiveAsync(client, enough, over);
            }
            catch (Exception) when (over.IsCancellationRequested)
            {
                // The stream has ended.
            }
            catch (Exception failure) when (!patience.IsCancellationRequested)
            {
                // Its node is gone, or cannot say yet whose account this is.
                Failure = failure;
                await Task.Delay(100, CancellationToken.None);
            }
        }
    }

    private async Task LiveAsync(TestClient client, CancellationToken enough, CancellationToken over)
    {
        await client.SendAsync("<enable xmlns='urn:xmpp:sm:3'/>");
        await client.ReceiveAsync(element => element.Is("enabled", Ns.StreamManagement));
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(over);
        using var connection = new Life(client);
        try
        {
            await SendAsync(connection, null, "<presence/>");
            _since = Stopwatch.GetTimestamp();
            foreach (var id in _open)
            {
                SentAgain.Add(id);
                await WriteAsync(connection, id);
            }

            var writing = KeepWritingAsync(connection, enough, gone.Token);
            var reading = KeepReadingAsync(connection, enough, gone.Token);
            await Task.WhenAny(writing, reading);
            await gone.CancelAsync();
            await Task.WhenAll(writing, reading);
        }
        finally
        {
            _open = [.. _open.Concat(connection.Sent.OfType<string>()).Distinct().Where(id => !_acknowledged.Contains(id))];
        }
    }

    private async Task KeepWritingAsync(Life connection, CancellationToken enough, CancellationToken gone)
    {
        while (!gone.IsCancellationRequested)
        {
            if (!enough.IsCancellationRequested)
            {
                var id = $"{account}-{_written++}";
                _sentAt[id] = Stopwatch.GetTimestamp();
                await WriteAsync(connection, id);
            }
            else
            {
                await SendAsync(connection, null, "<r xmlns='urn:xmpp:sm:3'/>", isStanza: false);
            }

            await Task.Delay(pace, gone).ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        await SendAsync(connection, null, "</stream:stream>", isStanza: false);
    }

    private Task WriteAsync(Life connection, string id) =>
        SendAsync(connection, id, $"<message to='{peer}@localhost' type='chat' id='{id}'><body>{id}</body><origin-id xmlns='urn:xmpp:sid:0' id='{id}'/></message><r xmlns='urn:xmpp:sm:3'/>");

    private async Task SendAsync(Life connection, string? id, string xml, bool isStanza = true)
    {
        await connection.Sending.WaitAsync();
        try
        {
            if (isStanza)
            {
                connection.Sent.Add(id);
            }

            await connection.Client.SendAsync(xml);
        }
        finally
        {
            connection.Sending.Release();
        }
    }

    private async Task KeepReadingAsync(Life connection, CancellationToken enough, CancellationToken gone)
    {
        while (!gone.IsCancellationRequested)
        {
            var element = await connection.Client.ReceiveAsync();
            if (element.Is("r", Ns.StreamManagement))
            {
                await SendAsync(connection, null, $"<a xmlns='urn:xmpp:sm:3' h='{connection.Received}'/>", isStanza: false);
                continue;
            }

            connection.Received += element.IsIn(Ns.Client) ? 1u : 0;
            if (element.Is("a", Ns.StreamManagement))
            {
                Take(connection, uint.Parse(element.Attribute("h")!));
                if (enough.IsCancellationRequested && connection.Sent.OfType<string>().All(_acknowledged.Contains) && _open.All(_acknowledged.Contains))
                {
                    _settled.TrySetResult();
                }
            }
            else if (element.Name == "message" && element.Attribute("id") is { } id)
            {
                if (element.Attribute("type") == "error")
                {
                    _refused.Add(id);
                }
                else
                {
                    Read(id, element.Child("delay", "urn:xmpp:delay") is not null);
                }
            }
        }
    }

    private void Take(Life connection, uint h)
    {
        for (; connection.Acknowledged < h; connection.Acknowledged++)
        {
            if (connection.Sent[(int)connection.Acknowledged] is { } id)
            {
                _acknowledged.Add(id);
            }
        }
    }

    // What was stored, or was under way to another session of this account, may be late, and says so.
    private void Read(string id, bool isLate)
    {
        var number = int.Parse(id[(id.LastIndexOf('-') + 1)..]);
        var (times, life) = _received.GetValueOrDefault(id);
        if (times > 0 && life == Lives)
        {
            Doubled.Add(id);
        }

        if (!isLate && times == 0 && Other!._sentAt.TryGetValue(id, out var sent) && sent > _since && !Other.SentAgain.Contains(id))
        {
            if (number < _newest)
            {
                _disorder.Add($"{account} got {id} behind {_newest}");
            }

            _newest = number;
        }

        _received[id] = (times + 1, Lives);
    }

    private sealed class Life(TestClient client) : IDisposable
    {
        public SemaphoreSlim Sending { get; } = new(1);

        public TestClient Client => client;

        public List<string?> Sent { get; } = []; // stanzas; the id of a message

        public uint Acknowledged { get; set; }

        public uint Received { get; set; }

        public void Dispose() => Sending.Dispose();
    }
}
