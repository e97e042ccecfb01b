using Meerkat.Core.Accounts;
using Meerkat.Core.Domains;
using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;
using Meerkat.Core.Storage;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Meerkat.Core.Tests.Domains;

/// <summary>Domains that are added while the server runs (CORE-235 to CORE-243).</summary>
public sealed class DynamicDomainsTests
{
    private const string Dynamic = "added.example";
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact] // CORE-238: each refusal, in the order of the rows
    public async Task What_cannot_be_changed_is_refused_with_its_reason()
    {
        await using var server = await StartAsync();
        var domains = server.Dynamic;
        Assert.Equal(DomainResult.Static, await domains.AddAsync("example.test", "free", None));
        Assert.Equal(DomainResult.Static, await domains.AddAsync("example.test", "nosuch", None));
        Assert.Equal(DomainResult.UnknownHostType, await domains.AddAsync(Dynamic, "nosuch", None));
        Assert.Equal(DomainResult.UnknownHostType, await domains.AddAsync(Dynamic, "example.test", None)); // a static host is no host type for others
        Assert.Equal(DomainResult.InvalidName, await domains.AddAsync("a b", "free", None)); // CORE-239
        Assert.Equal(DomainResult.InvalidName, await domains.AddAsync(string.Join('.', Enumerable.Repeat(new string('a', 60), 5)), "free", None));
        Assert.Equal(DomainResult.Ok, await domains.AddAsync(Dynamic, "free", None));
        Assert.Equal(DomainResult.Duplicate, await domains.AddAsync(Dynamic, "free", None));
        Assert.Equal(DomainResult.Duplicate, await domains.AddAsync(Dynamic, "paying", None));
        Assert.Equal(DomainResult.Duplicate, await domains.AddAsync("ADDED.example", "free", None)); // CORE-239: prepared

        Assert.Equal(DomainResult.Static, await domains.DisableAsync("example.test", None));
        Assert.Equal(DomainResult.NotFound, await domains.DisableAsync("none.example", None));
        Assert.Equal(DomainResult.Ok, await domains.DisableAsync(Dynamic, None));
        Assert.Equal(DomainResult.Ok, await domains.DisableAsync(Dynamic, None));
        Assert.Equal(DomainResult.Ok, await domains.EnableAsync(Dynamic, None));
        Assert.Equal(DomainResult.Ok, await domains.EnableAsync(Dynamic, None));

        Assert.Equal(DomainResult.Static, await domains.RemoveAsync("example.test", "free", None));
        Assert.Equal(DomainResult.UnknownHostType, await domains.RemoveAsync(Dynamic, "nosuch", None));
        Assert.Equal(DomainResult.NotFound, await domains.RemoveAsync("none.example", "free", None));
        Assert.Equal(DomainResult.WrongHostType, await domains.RemoveAsync(Dynamic, "paying", None));
        Assert.Equal(DomainResult.Ok, await domains.RemoveAsync(Dynamic, "free", None));
        Assert.Equal(DomainResult.NotFound, await domains.RemoveAsync(Dynamic, "free", None));
        Assert.Null(await domains.FindAsync(Dynamic, None));
    }

    [Fact] // CORE-022, CORE-236, CORE-240, CORE-136: log-ins at once, and no more when it is disabled
    public async Task A_domain_takes_log_ins_from_the_moment_it_is_added_until_it_is_disabled()
    {
        await using var server = await StartAsync();
        await ExpectUnknownAsync(server);
        Assert.Equal(DomainResult.Ok, await server.Dynamic.AddAsync(Dynamic, "free", None));
        await using var alice = await server.ConnectAsync("alice", "r", Dynamic);
        await using var bob = await server.ConnectAsync("bob", "r");
        await bob.SendAsync($"<message to='{alice.Jid}' id='1'><body>hi</body></message>");
        await alice.ExpectAsync("<message id='1'><body>hi</body></message>");

        Assert.Equal(DomainResult.Ok, await server.Dynamic.DisableAsync(Dynamic, None));
        await alice.ExpectStreamErrorAsync("host-gone");
        Assert.DoesNotContain(server.Context.Sessions.Local, session => session.Jid.Domain == Dynamic);
        await ExpectUnknownAsync(server);
        await bob.SendAsync($"<message to='{alice.Jid}' id='2'><body>hi</body></message>");
        Assert.Contains("remote-server-not-found", (await bob.ReceiveAsync()).ToString()); // no route (CORE-138)

        Assert.Equal(DomainResult.Ok, await server.Dynamic.EnableAsync(Dynamic, None));
        await using var again = await server.ConnectAsync("alice", "r", Dynamic);
    }

    [Fact] // CORE-240: whoever is in the middle of logging in does not slip through
    public async Task A_client_between_authentication_and_binding_is_refused()
    {
        await using var server = await StartAsync();
        await server.Dynamic.AddAsync(Dynamic, "free", None);
        await server.Accounts.AddAsync($"alice@{Dynamic}", "secret");
        await using var alice = server.Open();
        await alice.LogInAsync("alice", Dynamic, "secret");
        await server.Dynamic.DisableAsync(Dynamic, None);
        await alice.SendAsync("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        await alice.ReceiveAsync(element => element.Is("error", Ns.Stream) && element.ToString().Contains("host-gone", StringComparison.Ordinal));
        while (server.Context.Sessions.Count > 0)
        {
            await Task.Yield();
        }
    }

    [Fact] // CORE-242: another process on the same database learns of it by looking
    public async Task Another_process_follows_within_the_polling_interval()
    {
        var store = new MemoryDomainStore(TimeProvider.System);
        var options = new DomainServiceOptions { EventPollingInterval = TimeSpan.FromSeconds(7) };
        await using var first = await StartAsync(store, options);
        await using var second = await StartAsync(store, options);
        await first.Dynamic.AddAsync(Dynamic, "free", None);
        await ExpectUnknownAsync(second);

        await UntilAsync(second, options, () => second.Context.Domains.TryFindAccounts(Dynamic, out _));
        await using var alice = await second.ConnectAsync("alice", "r", Dynamic);
        await first.Dynamic.DisableAsync(Dynamic, None);
        await UntilAsync(second, options, () => !second.Context.Domains.TryFindAccounts(Dynamic, out _));
        await alice.ExpectStreamErrorAsync("host-gone");
    }

    [Fact] // CORE-242: events were purged past its position
    public async Task A_process_that_missed_events_reads_everything_anew()
    {
        var store = new MemoryDomainStore(TimeProvider.System);
        var options = new DomainServiceOptions();
        await using var first = await StartAsync(store, options);
        await first.Dynamic.AddAsync("kept.example", "free", None);
        await first.Dynamic.AddAsync("gone.example", "free", None);
        await first.Dynamic.AddAsync("other.example", "free", None);
        await using var second = await StartAsync(store, options);
        Assert.True(second.Context.Domains.TryFindAccounts("gone.example", out _));

        await first.Dynamic.RemoveAsync("gone.example", "free", None);
        await first.Dynamic.RemoveAsync("other.example", "free", None);
        await first.Dynamic.AddAsync("other.example", "paying", None);
        await first.Dynamic.AddAsync(Dynamic, "free", None);
        await store.RemoveEventsAsync(DateTimeOffset.MaxValue, None);
        await UntilAsync(second, options, () => second.Context.Domains.TryFindAccounts(Dynamic, out _));
        Assert.False(second.Context.Domains.TryFind("gone.example", out _));
        Assert.True(second.Context.Domains.TryFind("kept.example", out _));
        Assert.True(second.Context.Domains.TryFindAccounts("other.example", out var other));
        Assert.Equal("paying", other.Host.Name);
        Assert.Contains(second.Log.Entries, entry => entry.Text.Contains("read anew", StringComparison.Ordinal));
    }

    [Fact] // CONF-174, CONF-175
    public async Task Old_events_are_removed()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));
        var store = new MemoryDomainStore(time);
        await using var server = await StartAsync(store, new DomainServiceOptions { EventCleaningInterval = TimeSpan.FromSeconds(10), EventMaxAge = TimeSpan.FromSeconds(15) });
        await server.Dynamic.AddAsync(Dynamic, "free", None);
        time.Advance(server.Time.GetUtcNow() - time.GetUtcNow());
        server.Time.Advance(TimeSpan.FromSeconds(10)); // too young
        Assert.True((await store.ReadEventsAsync(0, 1, None)).IsComplete);
        while ((await store.ReadEventsAsync(0, 1, None)).IsComplete)
        {
            server.Time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }
    }

    [Fact] // CORE-243
    public async Task Rows_of_static_domains_and_of_unknown_host_types_are_ignored()
    {
        var store = new MemoryDomainStore(TimeProvider.System);
        await store.AddAsync("example.test", "free", None);
        await store.AddAsync("strange.example", "nosuch", None);
        await store.AddAsync(Dynamic, "free", None);
        await using var server = await StartAsync(store);
        Assert.Equal("example.test", server.Host.Name);
        Assert.False(server.Context.Domains.TryFind("strange.example", out _));
        Assert.True(server.Context.Domains.TryFindAccounts(Dynamic, out _));
        Assert.Single(server.Log.Entries, entry => entry.Level is LogLevel.Error && entry.Text.Contains("example.test is both", StringComparison.Ordinal));
        Assert.Single(server.Log.Entries, entry => entry.Level is LogLevel.Warning && entry.Text.Contains("nosuch", StringComparison.Ordinal));
        Assert.Equal(DomainResult.UnknownHostType, await server.Dynamic.EnableAsync("strange.example", None));
        await using var alice = await server.ConnectAsync("alice");
    }

    [Fact] // a database that is away takes no domain away
    public async Task While_the_database_is_away_domains_go_on()
    {
        var store = new AbsentStore(new MemoryDomainStore(TimeProvider.System));
        var options = new DomainServiceOptions();
        await using var server = await StartAsync(store, options);
        await server.Dynamic.AddAsync(Dynamic, "free", None);
        store.IsAway = true;
        await UntilAsync(server, options, () => server.Log.Entries.Any(entry => entry.Text.Contains("could not be read", StringComparison.Ordinal)));
        await using var alice = await server.ConnectAsync("alice", "r", Dynamic);
        store.IsAway = false;
        await store.Inner.AddAsync("later.example", "free", None);
        await UntilAsync(server, options, () => server.Context.Domains.TryFindAccounts("later.example", out _));
    }

    [Fact] // CORE-241: accounts first; a failure leaves the domain in its status, and it may be tried again
    public async Task A_removal_that_fails_in_the_middle_is_taken_up_again()
    {
        var store = new MemoryDomainStore(TimeProvider.System);
        var order = new List<string>();
        await using var server = await TestServer.StartAsync(with =>
        {
            with.HostTypes = ["free"];
            with.DomainStore = store;
            with.Auth = new AuthOptions { Methods = [AuthMethod.Rdbms], Rdbms = new RdbmsAuthOptions() };
            with.Module<KeepingModule>(new KeepingOptions { Order = order });
        });
        await server.Dynamic.AddAsync(Dynamic, "free", None);
        await server.Accounts.AddAsync($"alice@{Dynamic}", "secret");
        await server.Accounts.AddAsync("alice@example.test", "secret");
        var keeping = (KeepingModule)server.Context.Domains.FindHostType("free")!.Modules["mod_test_keeping"];
        keeping.Fails = true;

        await Assert.ThrowsAsync<DomainRemovalException>(() => server.Dynamic.RemoveAsync(Dynamic, "free", None));
        Assert.Equal(DomainStatus.Deleting, (await server.Dynamic.FindAsync(Dynamic, None))!.Status);
        Assert.Equal(0, await server.Accounts.Store.CountAsync(Dynamic, None));
        Assert.Equal(["closed", "first"], order);
        Assert.Contains(server.Log.Entries, entry => entry.Level is LogLevel.Error && entry.Text.Contains(Dynamic, StringComparison.Ordinal));
        await ExpectUnknownAsync(server);
        Assert.Equal(DomainResult.Deleting, await server.Dynamic.EnableAsync(Dynamic, None));
        Assert.Equal(DomainResult.Duplicate, await server.Dynamic.AddAsync(Dynamic, "free", None));

        keeping.Fails = false;
        Assert.Equal(DomainResult.Ok, await server.Dynamic.RemoveAsync(Dynamic, "free", None));
        Assert.Equal(["closed", "first", "first", "second"], order);
        Assert.Null(await server.Dynamic.FindAsync(Dynamic, None));
        Assert.Equal(1, await server.Accounts.Store.CountAsync("example.test", None));
        Assert.Equal(DomainResult.Ok, await server.Dynamic.AddAsync(Dynamic, "free", None));
    }

    [Fact] // GQA-DOMAIN-05: also where the password was right a moment ago
    public async Task With_a_domain_goes_its_administrator()
    {
        await using var server = await StartAsync();
        var admin = BareJid.Parse($"admin@{Dynamic}");
        await server.Dynamic.AddAsync(Dynamic, "free", None);
        await server.Context.DomainAdmins.SetPasswordAsync(Dynamic, "secret", None);
        Assert.True(await server.Context.DomainAdmins.VerifyAsync(admin, "secret", None));
        await server.Dynamic.RemoveAsync(Dynamic, "free", None);
        await server.Dynamic.AddAsync(Dynamic, "free", None);
        Assert.False(await server.Context.DomainAdmins.VerifyAsync(admin, "secret", None));
    }

    [Fact] // OPS-205; and a removal that a restart has cut off goes on
    public async Task A_removal_goes_on_in_the_background_and_after_a_restart()
    {
        var store = new MemoryDomainStore(TimeProvider.System);
        var order = new List<string>();
        await using (var before = await StartKeepingAsync(store, order))
        {
            await before.Dynamic.AddAsync(Dynamic, "free", None);
            var keeping = (KeepingModule)before.Context.Domains.FindHostType("free")!.Modules["mod_test_keeping"];
            keeping.Holds = true;
            await using var alice = await before.ConnectAsync("alice", "r", Dynamic);
            Assert.Equal(DomainResult.Ok, await before.Dynamic.RequestRemovalAsync(Dynamic, "free", None));
            await alice.ExpectStreamErrorAsync("host-gone"); // at once
            await keeping.Reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(DomainStatus.Deleting, (await store.FindAsync(Dynamic, None))!.Status);
            var stopping = before.Dynamic.DisposeAsync();
            keeping.Release.SetResult();
            await stopping;
        }

        Assert.Equal(DomainStatus.Deleting, (await store.FindAsync(Dynamic, None))!.Status); // it stopped behind the step at which it was
        Assert.Equal(["closed", "first"], order);
        await using var after = await StartKeepingAsync(store, order);
        while (await store.FindAsync(Dynamic, None) is not null)
        {
            await Task.Yield();
        }

        Assert.Equal(["closed", "first", "first", "second"], order);
    }

    private static Task<TestServer> StartKeepingAsync(IDomainStore store, List<string> order) => TestServer.StartAsync(with =>
    {
        with.HostTypes = ["free"];
        with.DomainStore = store;
        with.Module<KeepingModule>(new KeepingOptions { Order = order });
    });

    private static Task<TestServer> StartAsync(IDomainStore? store = null, DomainServiceOptions? options = null) => TestServer.StartAsync(with =>
    {
        with.HostTypes = ["free", "paying"];
        with.DomainStore = store;
        with.DomainService = options ?? with.DomainService;
    });

    private static async Task UntilAsync(TestServer server, DomainServiceOptions options, Func<bool> isSo)
    {
        while (!isSo())
        {
            server.Time.Advance(options.EventPollingInterval);
            await Task.Yield();
        }
    }

    // CORE-028
    private static async Task ExpectUnknownAsync(TestServer server)
    {
        await using var client = server.Open();
        await client.SendAsync($"<stream:stream to='{Dynamic}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>");
        await client.ReceiveHeaderAsync();
        await client.ExpectStreamErrorAsync("host-unknown");
    }

    private sealed class AbsentStore(MemoryDomainStore store) : IDomainStore
    {
        public MemoryDomainStore Inner => store;

        public volatile bool IsAway;

        public ValueTask<DomainRecord?> FindAsync(string domain, CancellationToken ct) => store.FindAsync(domain, ct);

        public ValueTask<IReadOnlyList<DomainRecord>> ListAsync(string? after, int limit, CancellationToken ct) => store.ListAsync(after, limit, ct);

        public ValueTask<bool> AddAsync(string domain, string hostType, CancellationToken ct) => store.AddAsync(domain, hostType, ct);

        public ValueTask<DomainRecord?> SetStatusAsync(string domain, string? hostType, DomainStatus status, CancellationToken ct) => store.SetStatusAsync(domain, hostType, status, ct);

        public ValueTask<bool> RemoveAsync(DomainRecord record, CancellationToken ct) => store.RemoveAsync(record, ct);

        public ValueTask<DomainNews> ReadEventsAsync(long after, int limit, CancellationToken ct) =>
            IsAway ? throw new StorageUnavailableException("it is away") : store.ReadEventsAsync(after, limit, ct);

        public ValueTask<int> RemoveEventsAsync(DateTimeOffset before, CancellationToken ct) => store.RemoveEventsAsync(before, ct);
    }

    public sealed record KeepingOptions
    {
        public List<string> Order { get; init; } = [];
    }

    // Keeps something in two stores, of which the first may fail or take its time.
    [Module("mod_test_keeping", Options = typeof(KeepingOptions))]
    private sealed class KeepingModule(KeepingOptions options) : IModule
    {
        public bool Fails { get; set; }

        public bool Holds { get; set; }

        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Register(IModuleRegistry on)
        {
            on.OwnsData(new Data(async () =>
            {
                options.Order.Add("first");
                if (Holds)
                {
                    Reached.TrySetResult();
                    await Release.Task;
                }

                if (Fails)
                {
                    throw new InvalidOperationException("it fails");
                }
            }));
            on.OwnsData(new Data(() =>
            {
                options.Order.Add("second");
                return ValueTask.CompletedTask;
            }));
            on.Hook(DomainHooks.Closed, DomainSlot.Observe, (closed, _) =>
            {
                options.Order.Add("closed");
                return new(HookResult.Continue);
            });
        }
    }

    private sealed class Data(Func<ValueTask> remove) : IAccountData
    {
        public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => ValueTask.CompletedTask;

        public ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => remove();

        public IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, CancellationToken ct) => AsyncEnumerable.Empty<PersonalDataSection>();
    }
}
