using System.Diagnostics;
using System.Globalization;
using System.Text;
using Meerkat.Archive;
using Meerkat.Modules.Mam;
using Meerkat.Storage.Sql.Mam;
using Meerkat.Storage.Sql.Schema;
using Meerkat.Xmpp;

// What a page costs in archives of different lengths, by the store that the server uses:
//   dotnet run -c Release --project bench/Meerkat.Archive -- [sqlite,postgres] [10000,100000,1000000] [rounds]
var backends = (args.Length > 0 ? args[0] : "sqlite,postgres").Split(',');
var lengths = (args.Length > 1 ? args[1] : "10000,100000,1000000").Split(',').Select(text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
var rounds = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 20;

Ns.RegisterWellKnown();
var owner = BareJid.Parse("alice@bench.example");
var contacts = Enumerable.Range(0, ArchiveFiller.Contacts).Select(i => BareJid.Parse($"contact{i}@bench.example")).ToArray();
Console.WriteLine($"ms for a page of 50 messages: median (least) of {rounds}; {Environment.ProcessorCount} cores, load average {File.ReadAllText("/proc/loadavg").Split(' ')[0]} at the start");
foreach (var backend in backends)
{
    await using var archive = await ArchiveFiller.OpenAsync(backend);
    await new DatabaseOperations(archive.Database).PrepareAsync(migrate: true, CancellationToken.None);
    var store = new SqlAccountArchiveStore(archive.Database);
    await store.AppendAsync(
        [.. contacts.Select((contact, i) => new ArchiveEntry(owner, new ArchivedMessage(i + 1, contact, Encoding.UTF8.GetBytes($"<message xmlns='jabber:client' from='{contact}/phone' to='{owner}' type='chat' id='m{i}'><body>{new string('x', 100)}</body></message>"))
        {
            Remote = contact,
            Resource = "phone",
            SearchText = "a first message",
        }))],
        CancellationToken.None);
    long filled = contacts.Length;
    foreach (var length in lengths)
    {
        await archive.FillAsync(filled, length);
        filled = length;
        foreach (var simple in (bool[])[true, false])
        {
            var kind = simple ? "simple" : "counted";
            await MeasureAsync(backend, length, $"{kind}, first page", new ArchiveQuery { IsSimple = simple });
            await MeasureAsync(backend, length, $"{kind}, from the middle", new ArchiveQuery { IsSimple = simple, After = length / 2 });
            await MeasureAsync(backend, length, $"{kind}, last page", new ArchiveQuery { IsSimple = simple, FromEnd = true });
            await MeasureAsync(backend, length, $"{kind}, one contact of ten, from the middle", new ArchiveQuery { IsSimple = simple, With = contacts[3], After = (length / 20 * 10) + 3 });
        }

        await MeasureAsync(backend, length, "simple, last page with a word that one message has", new ArchiveQuery { IsSimple = true, FromEnd = true, Words = [ArchiveFiller.WordOf(length / 2)] });
    }

    async Task MeasureAsync(string on, long length, string what, ArchiveQuery query)
    {
        var took = new List<double>();
        var warm = Math.Min(3, rounds);
        for (var round = -warm; round < rounds; round++)
        {
            var began = Stopwatch.GetTimestamp();
            var page = await store.QueryAsync(owner, query, CancellationToken.None) ?? throw new InvalidOperationException($"{what}: no such message");
            if (round >= 0)
            {
                took.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            if (page.Messages.Count == 0 || (!query.IsSimple && page.Count is not > 0))
            {
                throw new InvalidOperationException($"{what}: nothing found");
            }
        }

        took.Sort();
        Console.WriteLine($"| {on} | {length:N0} | {what} | {took[took.Count / 2]:0.00} ({took[0]:0.00}) |");
    }
}
