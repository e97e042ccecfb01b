using Meerkat.Hostile;
using Meerkat.Xmpp;

namespace Meerkat.Server.Tests;

/// <summary>Reads an account's archive, each time from where it stopped the last time.</summary>
internal sealed class ArchiveReader(string account)
{
    private readonly HashSet<string> _seen = [];
    private string? _last;

    /// <summary>Ids of messages that are there more than once.</summary>
    public List<string> Doubled { get; } = [];

    public bool Has(string id) => _seen.Contains(id);

    public async Task ReadOnAsync(ServerProcess server)
    {
        await using var client = await CrashWriter.ConnectAsync(server, account);
        for (var isComplete = false; !isComplete;)
        {
            var after = _last is null ? "" : $"<after>{_last}</after>";
            await client.SendAsync(
                $"<iq type='set' id='page'><query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'><field var='simple'><value>true</value></field></x><set xmlns='http://jabber.org/protocol/rsm'><max>1000</max>{after}</set></query></iq>");
            var fin = await client.ReceiveAsync(element =>
            {
                if (element.Child("result", Ns.Mam) is { } result)
                {
                    _last = result.Attribute("id");
                    var id = result.FirstChild!.Value.Child("message", Ns.Client)!.Value.Attribute("id")!;
                    if (!_seen.Add(id))
                    {
                        Doubled.Add(id);
                    }
                }

                return element.Attribute("id") == "page";
            });
            isComplete = fin.Child("fin", Ns.Mam)!.Value.Attribute("complete") == "true";
        }

        await CrashWriter.CloseAsync(client);
    }
}
