using Meerkat.Core.Cluster;
using Xunit;

namespace Meerkat.Conformance.Members;

/// <summary>What every <see cref="IMemberStore"/> does (architecture §6; OPS-015, OPS-023).</summary>
public abstract class MemberStoreSuite : StoreSuite<IMemberStore>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, 250, TimeSpan.Zero);

    [Fact]
    public async Task A_cluster_that_nobody_has_written_about_is_empty()
    {
        var table = await Store.ReadAsync("c", None);
        Assert.Equal(0, table.Version);
        Assert.Empty(table.Members);
    }

    [Fact]
    public async Task A_row_comes_back_as_it_was_added()
    {
        var member = new MemberRecord("127.0.0.1:7946@5", "node1") { Status = "Active", Details = "{\"a\": \"ü\"}", Started = Noon, Alive = Noon.AddSeconds(3) };
        Assert.True(await Store.AddAsync("c", member, 0, None));
        var table = await Store.ReadAsync("c", None);
        Assert.Equal(1, table.Version);
        Assert.Equal(member with { Revision = 1 }, Assert.Single(table.Members));
    }

    [Fact] // each change was made in the knowledge of all before it
    public async Task Who_has_not_seen_the_last_version_changes_nothing()
    {
        Assert.True(await Store.AddAsync("c", Row("a"), 0, None));
        Assert.False(await Store.AddAsync("c", Row("b"), 0, None));
        Assert.False(await Store.AddAsync("c", Row("b"), 2, None));
        Assert.False(await Store.AddAsync("c", Row("a"), 1, None)); // is there
        Assert.True(await Store.AddAsync("c", Row("b"), 1, None));
        Assert.False(await Store.UpdateAsync("c", Row("a") with { Revision = 1, Status = "late" }, 1, None));
        Assert.True(await Store.UpdateAsync("c", Row("a") with { Revision = 1, Status = "new" }, 2, None));
        var table = await Store.ReadAsync("c", None);
        Assert.Equal(3, table.Version);
        Assert.Equal([("a", "new", 3L), ("b", "", 2L)], table.Members.OrderBy(member => member.Address).Select(member => (member.Address, member.Status, member.Revision)));
    }

    [Fact]
    public async Task A_row_is_written_by_who_has_seen_its_last_state()
    {
        await Store.AddAsync("c", Row("a"), 0, None);
        await Store.UpdateAsync("c", Row("a") with { Revision = 1, Status = "one" }, 1, None);
        Assert.False(await Store.UpdateAsync("c", Row("a") with { Revision = 1, Status = "two" }, 2, None));
        Assert.False(await Store.UpdateAsync("c", Row("none") with { Revision = 2 }, 2, None));
        var table = await Store.ReadAsync("c", None);
        Assert.Equal((2, "one"), (table.Version, Assert.Single(table.Members).Status));
    }

    [Fact]
    public async Task A_sign_of_life_is_no_change()
    {
        await Store.AddAsync("c", Row("a"), 0, None);
        await Store.TouchAsync("c", "a", Noon.AddMinutes(1), None);
        await Store.TouchAsync("c", "none", Noon, None);
        var table = await Store.ReadAsync("c", None);
        Assert.Equal((1, 1L, Noon.AddMinutes(1)), (table.Version, table.Members[0].Revision, table.Members[0].Alive));
        Assert.True(await Store.UpdateAsync("c", table.Members[0] with { Status = "x" }, 1, None));
        Assert.Equal(Noon.AddMinutes(1), (await Store.ReadAsync("c", None)).Members[0].Alive);
    }

    [Fact] // OPS-024
    public async Task Of_the_dead_those_that_are_long_gone_are_removed()
    {
        await Store.AddAsync("c", Row("old") with { IsDead = true, Alive = Noon }, 0, None);
        await Store.AddAsync("c", Row("young") with { IsDead = true, Alive = Noon.AddHours(1) }, 1, None);
        await Store.AddAsync("c", Row("alive") with { Alive = Noon }, 2, None);
        await Store.AddAsync("other", Row("old") with { IsDead = true, Alive = Noon }, 0, None);
        Assert.Equal(1, await Store.RemoveDeadAsync("c", Noon.AddMinutes(30), None));
        var table = await Store.ReadAsync("c", None);
        Assert.Equal(3, table.Version);
        Assert.Equal(["alive", "young"], table.Members.Select(member => member.Address).Order());
        Assert.Single((await Store.ReadAsync("other", None)).Members);
    }

    [Fact] // OPS-018
    public async Task Of_a_node_what_is_dead_can_be_removed_and_nothing_of_others()
    {
        await Store.AddAsync("c", Row("old") with { Node = "node1", IsDead = true }, 0, None);
        await Store.AddAsync("c", Row("older") with { Node = "node1", IsDead = true }, 1, None);
        await Store.AddAsync("c", Row("alive") with { Node = "node1" }, 2, None);
        await Store.AddAsync("c", Row("dead") with { Node = "node2", IsDead = true }, 3, None);
        await Store.AddAsync("other", Row("old") with { Node = "node1", IsDead = true }, 0, None);
        Assert.Equal(0, await Store.RemoveDeadAsync("c", "node3", None));
        Assert.Equal(0, await Store.RemoveDeadAsync("c", "NODE1", None));
        Assert.Equal(2, await Store.RemoveDeadAsync("c", "node1", None));
        var table = await Store.ReadAsync("c", None);
        Assert.Equal(4, table.Version);
        Assert.Equal(["alive", "dead"], table.Members.Select(member => member.Address).Order());
        Assert.Single((await Store.ReadAsync("other", None)).Members);
    }

    [Fact] // OPS-023
    public async Task Clusters_of_other_names_are_strangers()
    {
        await Store.AddAsync("c", Row("a"), 0, None);
        Assert.True(await Store.AddAsync("C", Row("a") with { Status = "upper" }, 0, None));
        await Store.ClearAsync("c", None);
        Assert.Equal((0, 0), ((await Store.ReadAsync("c", None)).Version, (await Store.ReadAsync("c", None)).Members.Count));
        Assert.Equal("upper", Assert.Single((await Store.ReadAsync("C", None)).Members).Status);
        Assert.True(await Store.AddAsync("c", Row("a"), 0, None)); // from the beginning
    }

    [Fact] // one winner a version: no death and no join goes under
    public async Task Of_many_who_change_at_the_same_time_each_version_has_one()
    {
        const int Nodes = 8;
        const int Changes = 5;
        await Task.WhenAll(Enumerable.Range(0, Nodes).Select(node => Task.Run(async () =>
        {
            for (var done = 0; done < Changes;)
            {
                var table = await Store.ReadAsync("c", None);
                var own = table.Members.FirstOrDefault(member => member.Address == $"n{node}");
                var changed = own is null ? await Store.AddAsync("c", Row($"n{node}") with { Status = "0" }, table.Version, None) : await Store.UpdateAsync("c", own with { Status = $"{done}" }, table.Version, None);
                done += changed ? 1 : 0;
            }
        })));
        var last = await Store.ReadAsync("c", None);
        Assert.Equal(Nodes * Changes, last.Version);
        Assert.Equal(Enumerable.Repeat($"{Changes - 1}", Nodes), last.Members.Select(member => member.Status));
        Assert.Equal(Nodes, last.Members.Select(member => member.Revision).Distinct().Count());
    }

    [Fact] // OPS-015, OPS-024
    public async Task A_node_has_a_number_of_its_own_and_keeps_it()
    {
        Assert.Equal(1, await Store.NumberAsync("c", "node1", None));
        Assert.Equal(2, await Store.NumberAsync("c", "node2", None));
        Assert.Equal(1, await Store.NumberAsync("c", "node1", None));
        Assert.Equal(1, await Store.NumberAsync("other", "node2", None));
        Assert.True(await Store.ForgetAsync("c", "node1", None));
        Assert.False(await Store.ForgetAsync("c", "node1", None));
        Assert.Equal(1, await Store.NumberAsync("c", "node3", None)); // the first that is free
        Assert.Equal(3, await Store.NumberAsync("c", "node1", None));
        var atOnce = await Task.WhenAll(Enumerable.Range(4, 8).Select(node => Store.NumberAsync("c", $"node{node}", None).AsTask()));
        Assert.Equal(Enumerable.Range(4, 8), atOnce.Select(number => (int)number).Order());
    }

    [Fact]
    public async Task There_are_255_numbers()
    {
        for (var node = 1; node <= 255; node++)
        {
            Assert.Equal(node, await Store.NumberAsync("c", $"node{node}", None));
        }

        var none = await Assert.ThrowsAsync<InvalidOperationException>(async () => await Store.NumberAsync("c", "one more", None));
        Assert.Contains("255", none.Message);
    }

    private static MemberRecord Row(string address) => new(address, $"node of {address}") { Started = Noon, Alive = Noon };
}
