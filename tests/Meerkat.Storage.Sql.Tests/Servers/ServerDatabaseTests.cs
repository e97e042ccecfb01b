using LinqToDB;
using LinqToDB.Async;
using LinqToDB.Data;
using Meerkat.Core.Accounts;
using Meerkat.Core.Storage;
using Meerkat.Modules.Roster;
using Meerkat.Storage.Sql.Accounts;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Storage.Sql.Roster;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Storage.Sql.Tests.Servers;

/// <summary>What a database server adds to the stores: many writers at once, in several processes, and a bounded pool.</summary>
public sealed class ServerDatabaseTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid Alice = BareJid.Parse("alice@one.example");

    public static TheoryData<Backend> Servers => Backends.Servers;

    [Theory, MemberData(nameof(Servers))]
    public async Task The_writes_of_an_owner_happen_in_the_order_in_which_they_were_asked_for(Backend backend)
    {
        await using var test = await backend.CreateOnServerAsync();
        await Note.CreateTableAsync(test.Database);
        var order = new List<long>();
        var writes = Enumerable.Range(1, 300).Select(i => test.Database.WriteAsync(
            Alice,
            async session =>
            {
                await Note.AddAsync(session, i);
                lock (order)
                {
                    order.Add(i);
                }

                return await session.GetTable<Note>().CountAsync();
            },
            None).AsTask()).ToArray();

        Assert.Equal(Enumerable.Range(1, 300), await Task.WhenAll(writes));
        Assert.Equal(Enumerable.Range(1, 300).Select(i => (long)i), order);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task An_operation_that_fails_among_others_fails_only_its_caller(Backend backend)
    {
        await using var test = await backend.CreateOnServerAsync();
        await Note.CreateTableAsync(test.Database);
        var writes = Enumerable.Range(1, 50).Select(i => test.Database.WriteAsync(Alice, session => Note.AddAsync(session, i == 20 ? 10 : i), None).AsTask()).ToArray();
        var thrower = test.Database.WriteAsync<int>(
            Alice,
            async session =>
            {
                await Note.AddAsync(session, 1000);
                throw new InvalidOperationException("no");
            },
            None).AsTask();

        var duplicate = await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => writes[19]);
        Assert.True(test.Database.Dialect.IsDuplicate(duplicate));
        await Assert.ThrowsAsync<InvalidOperationException>(() => thrower);
        await Task.WhenAll(writes.Where((_, i) => i != 19));
        Assert.Equal(Enumerable.Range(1, 50).Where(i => i != 20).Select(i => (long)i), await Note.IdsAsync(test.Database));
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task Of_many_on_two_nodes_that_create_one_account_one_does(Backend backend)
    {
        await using var test = await backend.CreateOnServerAsync();
        await using var other = ServerTestDatabase.Open(test.Options);
        for (var round = 0; round < 10; round++)
        {
            var account = BareJid.Parse($"bob{round}@one.example");
            var created = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Task.Run(async () =>
                await new SqlAccountStore(i % 2 == 0 ? test.Database : other).CreateAsync(account, AccountPassword.FromPlain($"{i}"), None))));
            var winner = Assert.Single(Enumerable.Range(0, 12), i => created[i]);
            Assert.Equal($"{winner}", (await new SqlAccountStore(other).FindPasswordAsync(account, None))!.Plain);
        }
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task Of_many_on_two_nodes_that_change_one_roster_item_each_change_is_seen_by_the_next(Backend backend)
    {
        await using var test = await backend.CreateOnServerAsync();
        await using var other = ServerTestDatabase.Open(test.Options);
        var contact = Jid.Parse("carol@two.example");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            var store = new SqlRosterStore(worker % 2 == 0 ? test.Database : other);
            for (var done = 0; done < 10;)
            {
                var item = await store.FindAsync(Alice, contact, None) ?? new RosterItem(contact);
                if (await store.TryWriteAsync(Alice, item with { Name = item.Name + "+" }, null, None))
                {
                    done++;
                }
            }
        })));

        Assert.Equal(80, (await new SqlRosterStore(test.Database).FindAsync(Alice, contact, None))!.Name.Length);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task Writers_that_lock_each_other_out_are_run_again(Backend backend)
    {
        await using var test = await backend.CreateOnServerAsync();
        await Note.CreateTableAsync(test.Database);
        var bob = BareJid.Parse("bob@one.example");
        foreach (var owner in new[] { Alice, bob })
        {
            await test.Database.WriteAsync(session => session.EnsureOwnerAsync(owner, None), None);
        }

        var both = new TaskCompletionSource();
        var inside = 0;
        async Task<int> CrossAsync(BareJid first, BareJid second, long id) => await test.Database.WriteAsync(
            async session =>
            {
                await session.FindOwnerAsync(first, None);
                if (Interlocked.Increment(ref inside) == 2)
                {
                    both.SetResult();
                }

                await both.Task; // each has its first lock: one of them cannot get its second
                await session.FindOwnerAsync(second, None);
                return await Note.AddAsync(session, id);
            },
            None);

        await Task.WhenAll(CrossAsync(Alice, bob, 1), CrossAsync(bob, Alice, 2));
        Assert.True(inside > 2, "nobody was run again");
        Assert.Equal([1, 2], await Note.IdsAsync(test.Database));
    }

    // CONF-131
    [Theory, MemberData(nameof(Servers))]
    public async Task More_requests_than_may_wait_are_refused_at_once(Backend backend)
    {
        await using var test = await backend.CreateOnServerAsync();
        await using var small = ServerTestDatabase.Open(test.Options with { Workers = 2, MaxWorkerQueueLen = 1 });
        var go = new TaskCompletionSource<int>();
        var admitted = Enumerable.Range(0, 4).Select(_ => small.ReadAsync(async _ => await go.Task, None).AsTask()).ToArray();
        await Assert.ThrowsAsync<StorageBusyException>(async () => await small.ReadAsync(_ => new ValueTask<int>(1), None));
        await Assert.ThrowsAsync<StorageBusyException>(async () => await small.WriteAsync(Alice, _ => new ValueTask<int>(1), None));
        go.SetResult(7);
        Assert.All(await Task.WhenAll(admitted), answer => Assert.Equal(7, answer));
        Assert.Equal(1, await small.ReadAsync(_ => new ValueTask<int>(1), None));
    }

    // CONF-129, CONF-130
    [Theory, MemberData(nameof(Servers))]
    public async Task A_request_waits_for_a_connection_and_then_gives_up(Backend backend)
    {
        await using var test = await backend.CreateOnServerAsync();
        await using var small = ServerTestDatabase.Open(test.Options with { Workers = 1, CallTimeout = TimeSpan.FromMilliseconds(300) });
        var go = new TaskCompletionSource<int>();
        var running = small.ReadAsync(async _ => await go.Task, None).AsTask();
        await Assert.ThrowsAsync<StorageBusyException>(async () => await small.ReadAsync(_ => new ValueTask<int>(1), None));
        go.SetResult(1);
        await running;
        Assert.Equal(1, await small.ReadAsync(_ => new ValueTask<int>(1), None));
    }

    // CONF-140
    [Theory, MemberData(nameof(Servers))]
    public async Task A_query_that_takes_too_long_ends_and_the_pool_goes_on(Backend backend)
    {
        await using var test = await backend.CreateOnServerAsync();
        await Note.CreateTableAsync(test.Database);
        await using var hasty = ServerTestDatabase.Open(test.Options with { Workers = 1, Connection = test.Options.Connection with { QueryTimeout = TimeSpan.FromSeconds(1) } });
        var sleep = backend is Backend.Postgres ? "SELECT pg_sleep(30)" : "SELECT SLEEP(30)";
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(async () => await hasty.WriteAsync(
            async session =>
            {
                await Note.AddAsync(session, 1);
                return await session.ExecuteAsync(sleep);
            },
            None));
        Assert.Empty(await Note.IdsAsync(hasty));
        Assert.True(hasty.IsReachable);
    }

    [Theory, MemberData(nameof(Servers))]
    public async Task Disposal_finishes_what_is_queued_and_refuses_what_comes_later(Backend backend)
    {
        await using var test = await backend.CreateOnServerAsync();
        await Note.CreateTableAsync(test.Database);
        var node = ServerTestDatabase.Open(test.Options);
        var queued = Enumerable.Range(1, 100).Select(i => node.WriteAsync(Alice, session => Note.AddAsync(session, i), None).AsTask()).ToArray();
        var disposal = node.DisposeAsync().AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Note.AddAsync(node, 1000));
        await Task.WhenAll(queued);
        await disposal;
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Note.IdsAsync(node));
        Assert.Equal(100, (await Note.IdsAsync(test.Database)).Count);
    }

    // AUTH-046: the owner of an account that is registered while its domain's leftovers are removed stays.
    [Theory, MemberData(nameof(Servers))]
    public async Task An_account_that_is_registered_while_its_leftovers_are_removed_stays(Backend backend)
    {
        await using var test = await backend.CreateOnServerAsync();
        for (var round = 0; round < 20; round++)
        {
            var account = BareJid.Parse($"dave{round}@one.example");
            await test.Database.WriteAsync(session => session.EnsureOwnerAsync(account, None), None);
            await Task.WhenAll(
                Task.Run(async () => Assert.True(await new SqlAccountStore(test.Database).CreateAsync(account, AccountPassword.FromPlain("p"), None))),
                Task.Run(async () => await new SqlOwners(test.Database).RemoveAccountAsync(account, None)),
                Task.Run(async () => await new SqlOwners(test.Database).RemoveDomainAsync("one.example", None)));
            Assert.True(await new SqlAccountStore(test.Database).ExistsAsync(account, None), $"round {round}");
        }
    }
}
