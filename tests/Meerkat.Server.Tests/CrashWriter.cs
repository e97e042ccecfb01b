using System.Text;
using Meerkat.Hostile;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>A client that writes what has to last, and tells the ledger what was acknowledged, until the server is killed.</summary>
internal sealed class CrashWriter(ServerProcess server, CrashLedger ledger, int writer, int kill)
{
    private const int Batch = 10;

    private readonly List<string?> _sent = []; // stanzas since stream management is on; the id of a message, null for another
    private readonly Dictionary<string, Action> _asked = [];
    private readonly TaskCompletionSource _atWork = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private uint _acknowledged;
    private uint _received;
    private int _rounds;
    private TestClient? _client;

    /// <summary>Completes when the first round was acknowledged.</summary>
    public Task AtWork => _atWork.Task;

    /// <summary>The account of a writer: two share one.</summary>
    public static string Account(ServerProcess server, int writer) => server.Accounts[writer % 2];

    public static string Contact(int writer) => $"contact{writer}@far.example";

    public static async Task<TestClient> ConnectAsync(ServerProcess server, string account)
    {
        var client = await TestClient.ConnectAsync(server.StartTls, ServerProcess.Domain);
        await client.LogInAsync(account, ServerProcess.Domain, ServerProcess.Password);
        await client.BindAsync();
        return client;
    }

    public static async Task CloseAsync(TestClient client)
    {
        await client.SendAsync("</stream:stream>");
        await client.ExpectEndAsync();
    }

    public async Task LogInAsync()
    {
        _client = await ConnectAsync(server, Account(server, writer));
        await _client.SendAsync("<enable xmlns='urn:xmpp:sm:3'/>");
        await _client.ExpectAsync("<enabled xmlns='urn:xmpp:sm:3'/>");
    }

    /// <summary>How many rounds were acknowledged.</summary>
    public int Rounds => Volatile.Read(ref _rounds);

    /// <param name="killed">The server was killed.</param>
    /// <param name="finished">Enough was written: what was sent is waited for.</param>
    public async Task WriteAsync(CancellationToken killed, CancellationToken finished = default)
    {
        await using var client = _client!;
        try
        {
            for (var round = 0; !finished.IsCancellationRequested; round++)
            {
                await client.SendAsync(MakeBatch(round));
                while (_acknowledged < _sent.Count || _asked.Count > 0)
                {
                    await HandleAsync(client, await client.ReceiveAsync());
                }

                Volatile.Write(ref _rounds, round + 1);
                _atWork.TrySetResult();
            }

            await CloseAsync(client);
        }
        catch (Exception) when (killed.IsCancellationRequested)
        {
            // That is how it ends: what was not acknowledged is sent again the next time (XEP-0198 §5).
            ledger.NotAcknowledged(writer, [.. _sent.Skip((int)_acknowledged).OfType<string>()]);
        }
    }

    private string MakeBatch(int round)
    {
        var xml = new StringBuilder();
        foreach (var id in (round == 0 ? ledger.TakeNotAcknowledged(writer) : []).Concat(Enumerable.Range(0, Batch).Select(i => $"k{kill}-w{writer}-r{round}-{i}")))
        {
            xml.Append($"<message to='{server.Accounts[2]}@{ServerProcess.Domain}' type='chat' id='{id}'><body>{id}</body><origin-id xmlns='urn:xmpp:sid:0' id='{id}'/></message>");
            _sent.Add(id);
        }

        var value = (kill * 100_000) + round;
        xml.Append($"<iq type='set' id='p{round}'><query xmlns='jabber:iq:private'><v xmlns='app:crash:{writer}'>{value}</v></query></iq>");
        _asked[$"p{round}"] = () => ledger.FragmentAcknowledged(writer, value);
        _sent.Add(null);
        xml.Append($"<iq type='set' id='c{round}'><query xmlns='jabber:iq:roster'><item jid='{Contact(writer)}' name='{value}'/></query></iq>");
        _asked[$"c{round}"] = () => ledger.ContactAcknowledged(writer, value);
        _sent.Add(null);
        return xml.Append("<r xmlns='urn:xmpp:sm:3'/>").ToString();
    }

    private async Task HandleAsync(TestClient client, XmlElement element)
    {
        if (element.Is("r", Ns.StreamManagement))
        {
            await client.SendAsync($"<a xmlns='urn:xmpp:sm:3' h='{_received}'/>");
            return;
        }

        _received += element.IsIn(Ns.Client) ? 1u : 0;
        if (element.Is("a", Ns.StreamManagement))
        {
            for (var h = uint.Parse(element.Attribute("h")!); _acknowledged < h; _acknowledged++)
            {
                if (_sent[(int)_acknowledged] is { } id)
                {
                    ledger.MessageAcknowledged(writer, id);
                }
            }

            if (_acknowledged < _sent.Count)
            {
                await client.SendAsync("<r xmlns='urn:xmpp:sm:3'/>"); // some are not on disk yet
            }
        }
        else if (element.Name == "iq" && element.Attribute("id") is { } id && _asked.Remove(id, out var acknowledge))
        {
            if (element.Attribute("type") == "result")
            {
                acknowledge();
            }
            else
            {
                Assert.True(ledger.AllowsRefusals, $"a write was refused: {element}");
            }
        }
        else if (element.Name == "message" && element.Attribute("type") == "error")
        {
            Assert.True(ledger.AllowsRefusals, $"a message came back: {element}");
            ledger.MessageRefused(element.Attribute("id")!);
        }
    }
}
