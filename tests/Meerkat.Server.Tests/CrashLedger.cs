using System.Collections.Concurrent;
using System.Globalization;
using Meerkat.Hostile;

namespace Meerkat.Server.Tests;

/// <summary>What the server has acknowledged, and what of it was there after a crash. Acknowledgements may come from any thread.</summary>
internal sealed class CrashLedger
{
    private readonly ConcurrentDictionary<string, int> _messages = new(); // id to writer
    private readonly ConcurrentDictionary<int, IReadOnlyList<string>> _open = new();
    private readonly Dictionary<string, ArchiveReader> _archives = [];
    private readonly ConcurrentDictionary<int, int> _fragments = new();
    private readonly ConcurrentDictionary<int, int> _contacts = new();
    private readonly HashSet<string> _received = [];
    private readonly ConcurrentDictionary<string, bool> _refused = new();
    private int _results;

    /// <summary>How long what seems to be missing has to come.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether the server may say that it could not write: while its database is gone for longer than it waits. Who was told is owed nothing.</summary>
    public bool AllowsRefusals { get; init; }

    /// <summary>Messages that came back.</summary>
    public int RefusedMessages => _refused.Count;

    public int AcknowledgedMessages => _messages.Count;

    public int AcknowledgedResults => _results;

    /// <summary>What was acknowledged and is not there.</summary>
    public List<string> Lost { get; } = [];

    public void MessageAcknowledged(int writer, string id)
    {
        if (!_refused.ContainsKey(id))
        {
            _messages[id] = writer;
        }
    }

    /// <summary>A message came back with an error; it may have been acknowledged as handled before.</summary>
    public void MessageRefused(string id)
    {
        _refused[id] = true;
        _messages.TryRemove(id, out _);
    }

    /// <summary>A writer was interrupted: it does not know what became of these messages.</summary>
    public void NotAcknowledged(int writer, IReadOnlyList<string> ids) => _open[writer] = ids;

    /// <summary>What a writer has to send again.</summary>
    public IReadOnlyList<string> TakeNotAcknowledged(int writer) => _open.TryRemove(writer, out var ids) ? ids : [];

    public void FragmentAcknowledged(int writer, int value)
    {
        _fragments[writer] = value;
        Interlocked.Increment(ref _results);
    }

    public void ContactAcknowledged(int writer, int value)
    {
        _contacts[writer] = value;
        Interlocked.Increment(ref _results);
    }

    /// <summary>Compares with what the server has.</summary>
    public async Task ReadBackAsync(ServerProcess server)
    {
        await ReadMessagesAsync(server);
        Lost.AddRange(_messages.Keys.Where(id => !_received.Contains(id)).Order(StringComparer.Ordinal).Select(id => $"message {id}"));
        await ReadArchivesAsync(server);
        foreach (var account in _fragments.Keys.Concat(_contacts.Keys).Distinct().GroupBy(writer => CrashWriter.Account(server, writer)))
        {
            await using var client = await CrashWriter.ConnectAsync(server, account.Key);
            var roster = await client.AskAsync("<iq type='get'><query xmlns='jabber:iq:roster'/></iq>");
            foreach (var writer in account)
            {
                var fragment = await client.AskAsync($"<iq type='get'><query xmlns='jabber:iq:private'><v xmlns='app:crash:{writer}'/></query></iq>");
                Compare("private", writer, _fragments, fragment.FirstChild?.FirstChild?.Text);
                var contact = roster.FirstChild?.Children.ToArray().Where(item => item.Attribute("jid") == CrashWriter.Contact(writer)).Select(item => item.Attribute("name")).SingleOrDefault();
                Compare("roster", writer, _contacts, contact);
            }

            await CrashWriter.CloseAsync(client);
        }
    }

    public override string ToString() => $"{_messages.Count} messages and {_results} results acknowledged, {_received.Count} messages read back, {_refused.Count} refused";

    private async Task ReadMessagesAsync(ServerProcess server)
    {
        await using var reader = await CrashWriter.ConnectAsync(server, server.Accounts[2]);
        await reader.SendAsync("<presence/>");
        var asked = 0;
        var limit = DateTime.UtcNow + Patience;

        // An answer comes behind what was stored; what is missing then has a while to come.
        while (asked == 0 || (DateTime.UtcNow < limit && _messages.Keys.Any(id => !_received.Contains(id))))
        {
            var mark = $"mark{++asked}";
            await reader.SendAsync($"<iq type='get' id='{mark}' to='{ServerProcess.Domain}'><ping xmlns='urn:xmpp:ping'/></iq>");
            await reader.ReceiveAsync(element =>
            {
                if (element.Name == "message" && element.Attribute("id") is { } id)
                {
                    _received.Add(id);
                }

                return element.Attribute("id") == mark;
            });
            if (asked > 1)
            {
                await Task.Delay(50);
            }
        }

        await CrashWriter.CloseAsync(reader);
    }

    // XEP-0313, MAM-016: what was acknowledged is in the archives of both sides, and what was sent twice is there once.
    private async Task ReadArchivesAsync(ServerProcess server)
    {
        foreach (var account in server.Accounts)
        {
            var archive = _archives.TryGetValue(account, out var known) ? known : _archives[account] = new ArchiveReader(account);
            await archive.ReadOnAsync(server);
            var expected = _messages.Where(message => account == server.Accounts[2] || CrashWriter.Account(server, message.Value) == account).Select(message => message.Key);
            Lost.AddRange(expected.Where(id => !archive.Has(id)).Order(StringComparer.Ordinal).Select(id => $"archive of {account}: {id} is not there"));
            Lost.AddRange(archive.Doubled.Select(id => $"archive of {account}: {id} is there twice"));
        }
    }

    // A later value may have been written and not acknowledged any more; an earlier one is a loss.
    private void Compare(string kind, int writer, ConcurrentDictionary<int, int> acknowledged, string? found)
    {
        if (acknowledged.TryGetValue(writer, out var value) && (!int.TryParse(found, NumberStyles.None, CultureInfo.InvariantCulture, out var there) || there < value))
        {
            Lost.Add($"{kind} of writer {writer}: {value} was acknowledged, \"{found}\" is there");
        }
    }
}
