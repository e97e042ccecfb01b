using System.Text;
using Meerkat.Core.Storage;
using Meerkat.Modules.Mam;
using Meerkat.Storage.Cassandra.Connections;
using Meerkat.Storage.Cassandra.Mam;
using Meerkat.Storage.Cassandra.Protocol;
using Meerkat.Storage.Cassandra.Schema;
using Meerkat.Storage.Cassandra.Tests.Double;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Storage.Cassandra.Tests.Mam;

/// <summary>What the suites do not see: parts of archives, what is left of a removal, what an interrupted write leaves (MAM-016, MAM-085, MAM-087).</summary>
public sealed class CassandraArchiveTests : IAsyncLifetime
{
    private const long Part = 1L << 49;
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid s_alice = BareJid.Parse("alice@one.example");
    private static readonly BareJid s_bob = BareJid.Parse("bob@one.example");

    private CassandraDouble _cluster = null!;
    private CassandraPool _pool = null!;
    private CassandraAccountArchiveStore _store = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await CassandraDouble.StartAsync();
        _pool = new CassandraPool("test", _cluster.Options() with { CallTimeout = TimeSpan.FromSeconds(5) });
        await new CassandraOperations(_pool, TimeProvider.System).PrepareAsync(migrate: true, None);
        _store = new CassandraAccountArchiveStore(_pool, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Pages_and_counts_go_on_from_part_to_part()
    {
        var ids = Enumerable.Range(0, 40).Select(i => (i * Part / 4) + 1).ToArray(); // four in each of ten parts
        await _store.AppendAsync([.. ids.Select((id, i) => new ArchiveEntry(s_alice, Make(id) with { Resource = i % 2 == 0 ? "even" : "odd" }))], None);
        var seen = new List<long>();
        long? after = null;
        while (await _store.QueryAsync(s_alice, new() { After = after, Limit = 7 }, None) is { Messages.Count: > 0 } page)
        {
            Assert.Equal((40, seen.Count, seen.Count + page.Messages.Count == 40), (page.Count, page.Index, page.IsLast));
            seen.AddRange(page.Messages.Select(message => message.Id));
            after = seen[^1];
        }

        Assert.Equal(ids, seen);
        seen.Clear();
        long? before = null;
        while (await _store.QueryAsync(s_alice, new() { With = s_bob, Resource = "odd", Before = before, FromEnd = true, Limit = 6 }, None) is { Messages.Count: > 0 } page)
        {
            Assert.Equal(20, page.Count);
            seen.InsertRange(0, page.Messages.Select(message => message.Id));
            before = seen[0];
        }

        Assert.Equal(ids.Where((_, i) => i % 2 == 1), seen);
        Assert.Equal(ids[33], (await _store.QueryAsync(s_alice, new() { Index = 33, Limit = 1 }, None))!.Messages[0].Id);
        Assert.Equal((ids[0], ids[39]), await _store.BoundsAsync(s_alice, None));
    }

    [Fact] // MAM-087: nothing of a person stays anywhere
    public async Task A_removal_leaves_no_row_in_any_table()
    {
        await _store.AppendAsync([.. Enumerable.Range(0, 30).Select(i => new ArchiveEntry(s_alice, Make((i * Part / 10) + 1) with { OriginId = $"o{i}", Resource = "x" }))], None);
        await _store.RemoveAsync(s_alice, None);
        Assert.DoesNotContain(Left(), left => left.Table != "archive_domain"); // which names no person

        await _store.AppendAsync([.. Enumerable.Range(0, 30).Select(i => new ArchiveEntry(s_alice, Make((i * Part / 10) + 1) with { OriginId = $"o{i}" }))], None);
        Assert.Equal(30, await _store.RemoveBelowAsync("one.example", long.MaxValue, 1000, None));
        Assert.Empty(Left());
        Assert.Equal(0, await _store.RemoveBelowAsync("one.example", long.MaxValue, 1000, None));
    }

    [Fact] // MAM-089: a sweep asks again and again, with a limit
    public async Task What_is_too_old_goes_in_parts_of_any_size()
    {
        var ids = Enumerable.Range(0, 25).Select(i => (i * Part / 5) + 1).ToArray();
        await _store.AppendAsync([.. ids.Select(id => new ArchiveEntry(s_alice, Make(id) with { OriginId = $"{id}" }))], None);
        var removed = 0;
        for (int now; (now = await _store.RemoveBelowAsync("one.example", ids[17], 4, None)) > 0;)
        {
            removed += now;
        }

        Assert.Equal(17, removed);
        var page = await _store.QueryAsync(s_alice, new() { With = s_bob }, None);
        Assert.Equal(ids[17..], page!.Messages.Select(message => message.Id));
        Assert.Equal(8, page.Count);
        Assert.Null(await _store.FindAsync(s_alice, s_bob, false, $"{ids[3]}", None));
        Assert.NotNull(await _store.FindAsync(s_alice, s_bob, false, $"{ids[20]}", None));
    }

    [Fact] // a server takes 50 KiB in a batch
    public async Task A_message_that_is_larger_than_a_batch_is_kept()
    {
        var large = Make(1) with { Xml = Encoding.UTF8.GetBytes($"<message>{new string('x', 200_000)}</message>"), OriginId = "o" };
        await _store.AppendAsync([new(s_alice, large), new(s_alice, Make(2))], None);
        Assert.Equal(large.Xml.Length, (await _store.GetAsync(s_alice, [1], None))[0].Xml.Length);
        Assert.Equal(1, (await _store.FindAsync(s_alice, s_bob, false, "o", None))?.Id);

        // Long addresses are in each of the statements.
        var longest = BareJid.Parse($"{new string('a', 1000)}@{string.Join('.', Enumerable.Repeat(new string('b', 60), 4))}");
        await _store.AppendAsync([new(longest, Make(1) with { Remote = longest, Xml = Encoding.UTF8.GetBytes($"<message>{new string('x', 35_000)}</message>"), OriginId = new string('o', 3000) })], None);
        Assert.Equal([1], (await _store.QueryAsync(longest, new() { With = longest }, None))!.Messages.Select(message => message.Id));

        // Nor is an id of a client's too long for a key.
        await _store.AppendAsync([new(s_alice, Make(3) with { OriginId = new string('o', 100_000) })], None);
        Assert.Equal(3, (await _store.FindAsync(s_alice, s_bob, false, new string('o', 100_000), None))?.Id);
    }

    [Fact] // the message goes last: what leads to one that is not there neither hides it when it comes again nor shows it
    public async Task A_write_that_was_cut_off_can_be_made_again()
    {
        var large = Make(1) with { Xml = Encoding.UTF8.GetBytes($"<message>{new string('x', 200_000)}</message>"), OriginId = "o" };
        _cluster.Before = (_, opcode) =>
        {
            if (opcode is Opcode.Execute && _cluster.Ran.Any(text => text.StartsWith("INSERT INTO \"meerkat\".archive_message", StringComparison.Ordinal)))
            {
                throw new DoubleException(CqlError.Overloaded, "planted");
            }
        };
        await Assert.ThrowsAsync<StorageBusyException>(async () => await _store.AppendAsync([new(s_alice, large)], None));
        _cluster.Before = null;
        Assert.Empty((await _store.QueryAsync(s_alice, new() { With = s_bob, IsSimple = true }, None))!.Messages);
        Assert.Null(await _store.FindAsync(s_alice, s_bob, false, "o", None));
        await _store.AppendAsync([new(s_alice, large with { Id = 2 })], None);
        Assert.Equal([2], (await _store.QueryAsync(s_alice, new() { With = s_bob, IsSimple = true }, None))!.Messages.Select(message => message.Id));
    }

    [Fact] // MAM-085: said by the abilities; the module asks them first
    public async Task Texts_and_groupchat_are_not_searched_for()
    {
        Assert.Equal(ArchiveAbilities.Retraction, _store.Abilities);
        await Assert.ThrowsAsync<NotSupportedException>(async () => await _store.QueryAsync(s_alice, new() { Words = ["x"] }, None));
        await Assert.ThrowsAsync<NotSupportedException>(async () => await _store.QueryAsync(s_alice, new() { WithoutGroupchat = true }, None));
    }

    private static ArchivedMessage Make(long id) => new(id, s_bob, "<message/>"u8.ToArray()) { Remote = s_bob };

    private IEnumerable<(string Table, int Rows)> Left() => _cluster.Keyspaces.All.Single().Tables
        .Where(table => table.Name != ArchiveSchema.Versions)
        .Select(table => (table.Name, table.Rows(null, isDescending: false).Count()))
        .Where(left => left.Item2 > 0);
}
