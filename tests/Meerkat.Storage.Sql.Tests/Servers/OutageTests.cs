using System.Diagnostics;
using LinqToDB;
using Meerkat.Core.Hosts;
using Meerkat.Core.Storage;
using Meerkat.Storage.Sql.Schema;
using Meerkat.Storage.Sql.Servers;
using Meerkat.Testing.Databases;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Storage.Sql.Tests.Servers;

/// <summary>A database that goes away and comes back: the real servers are stopped, killed, suspended and started again.</summary>
public sealed class OutageTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid Alice = BareJid.Parse("alice@one.example");

    public static TheoryData<Backend> Installed => [Backend.Postgres, Backend.MariaDb];

    [Theory, MemberData(nameof(Installed))]
    public async Task Requests_wait_for_a_database_that_comes_back_in_time(Backend backend)
    {
        await using var server = await OwnServer.StartAsync(backend);
        await using var database = server.Open(patience: TimeSpan.FromSeconds(60));
        await Note.CreateTableAsync(database);
        await Task.WhenAll(Enumerable.Range(1, 20).Select(i => Note.AddAsync(database, i).AsTask())); // several connections, all of which die
        foreach (var (kill, id) in new[] { (false, 100), (true, 200) })
        {
            await (kill ? server.Process.KillAsync() : server.Process.StopAsync());
            var read = Note.IdsAsync(database).AsTask();
            var write = Note.AddAsync(database, id).AsTask();
            var ordered = Enumerable.Range(1, 5).Select(i => database.WriteAsync(Alice, session => Note.AddAsync(session, id + i), None).AsTask()).ToArray();
            await Task.WhenAny(read, write, Task.Delay(300, None));
            Assert.False(read.IsCompleted || write.IsCompleted);
            await server.Process.StartAsync();
            await read;
            await write;
            await Task.WhenAll(ordered);
            Assert.Equal(6, (await Note.IdsAsync(database)).Count(i => i >= id));
            Assert.True(database.IsReachable);
        }
    }

    [Theory, MemberData(nameof(Installed))]
    public async Task Requests_fail_after_the_stated_bound_and_work_again_when_the_database_is_back(Backend backend)
    {
        await using var server = await OwnServer.StartAsync(backend);
        await using var database = server.Open(patience: TimeSpan.FromSeconds(1));
        await Note.CreateTableAsync(database);
        await server.Process.KillAsync();

        var began = Stopwatch.StartNew();
        var failed = Enumerable.Range(0, 30).Select(i => i % 3 == 0 ? Note.IdsAsync(database).AsTask() as Task
            : i % 3 == 1 ? Note.AddAsync(database, i).AsTask()
            : database.WriteAsync(Alice, session => Note.AddAsync(session, i), None).AsTask()).ToArray();
        foreach (var request in failed)
        {
            await Assert.ThrowsAsync<StorageUnavailableException>(() => request);
        }

        Assert.False(database.IsReachable);
        Assert.True(began.Elapsed < TimeSpan.FromSeconds(30), $"{began.Elapsed}");
        await server.Process.StartAsync();
        await EventuallyAsync(() => Note.AddAsync(database, 1000));
        Assert.Equal([1000], await Note.IdsAsync(database));
    }

    // Its connections stand and nothing answers: a machine that hangs, a cable that was pulled.
    [Theory, MemberData(nameof(Installed))]
    public async Task A_database_that_hangs_costs_each_request_its_bound_and_no_more(Backend backend)
    {
        await using var server = await OwnServer.StartAsync(backend);
        await using var database = server.Open(patience: TimeSpan.FromSeconds(1));
        await Note.CreateTableAsync(database);
        server.Process.Suspend();
        try
        {
            var began = Stopwatch.StartNew();
            await Assert.ThrowsAnyAsync<Exception>(async () => await Note.IdsAsync(database));
            await Assert.ThrowsAnyAsync<Exception>(async () => await Note.AddAsync(database, 1));
            Assert.True(began.Elapsed < TimeSpan.FromSeconds(20), $"{began.Elapsed}");
        }
        finally
        {
            server.Process.Resume();
        }

        await EventuallyAsync(() => Note.AddAsync(database, 2));
        Assert.Contains(2, await Note.IdsAsync(database));
    }

    // What /health/ready asks (HTTP, section 9): a connection that stands and brings no answer is no database.
    [Theory, MemberData(nameof(Installed))]
    public async Task A_database_that_hangs_does_not_answer_and_one_that_goes_on_does(Backend backend)
    {
        await using var server = await OwnServer.StartAsync(backend);
        await using var database = server.Open(patience: TimeSpan.FromSeconds(1));
        Assert.True(await database.AnswersAsync(None)); // over a connection that is kept
        server.Process.Suspend();
        try
        {
            Assert.False(await database.AnswersAsync(None));
        }
        finally
        {
            server.Process.Resume();
        }

        await EventuallyAsync(async () => await database.AnswersAsync(None) ? 1 : throw new StorageUnavailableException("not yet"));
    }

    // A machine that lost its network, or stands still, in the middle of a transaction: what it had locked is free before the database misses it.
    [Theory, MemberData(nameof(Installed))]
    public async Task Who_falls_silent_in_a_transaction_keeps_nobody_waiting_for_long(Backend backend)
    {
        await using var server = await OwnServer.StartAsync(backend);
        await using var silent = server.Open(patience: TimeSpan.FromSeconds(2));
        await using var other = server.Open(patience: TimeSpan.FromSeconds(60));
        await Note.CreateTableAsync(silent);
        await Note.AddAsync(silent, 1);
        var (isLocked, isFree) = (new TaskCompletionSource(), new TaskCompletionSource());
        var writing = silent.WriteAsync(
            async session =>
            {
                await ChangeAsync(session);
                isLocked.TrySetResult();
                await isFree.Task;
                return 0;
            },
            None).AsTask();
        await isLocked.Task;
        await other.WriteAsync(ChangeAsync, None);
        isFree.SetResult();
        await Task.WhenAny(writing); // undone, and done again if there is time
        Assert.Equal([1], await Note.IdsAsync(silent));

        static async ValueTask<int> ChangeAsync(SqlSession session) => await session.GetTable<Note>().Where(note => note.Id == 1).Set(note => note.Text, "x").UpdateAsync(None);
    }

    // OPS-003, CONF-134
    [Theory, MemberData(nameof(Installed))]
    public async Task A_start_waits_for_a_database_that_starts_later_and_not_for_ever(Backend backend)
    {
        await using var server = await OwnServer.StartAsync(backend);
        await server.Process.StopAsync();
        await using var hasty = ServerTestDatabase.Open(server.Options with { CallTimeout = TimeSpan.FromMilliseconds(500) });
        await Assert.ThrowsAsync<StorageUnavailableException>(() => new DatabaseOperations(hasty).MigrateAsync(None));

        await using var patient = ServerTestDatabase.Open(server.Options);
        var migrating = new DatabaseOperations(patient).PrepareAsync(migrate: true, None);
        await server.Process.StartAsync();
        await migrating;
        Assert.True((await new DatabaseOperations(patient).StatusAsync(None)).IsCurrent);
    }

    // CONF-139: the connection is found dead by the keepalive; the request after it meets a live one.
    [Theory, MemberData(nameof(Installed))]
    public async Task Idle_connections_are_asked_now_and_then_and_replaced(Backend backend)
    {
        await using var server = await OwnServer.StartAsync(backend);
        var options = server.Options with { Connection = server.Options.Connection with { KeepaliveInterval = TimeSpan.FromSeconds(1) } };
        await using var database = ServerTestDatabase.Open(options);
        Assert.Equal(1, await database.ReadAsync(_ => new ValueTask<int>(1), None));
        await server.Process.KillAsync();
        await UntilAsync(() => !database.IsReachable);
        await server.Process.StartAsync();
        await UntilAsync(() => database.IsReachable);
    }

    // kill -9 of the database under load: what was acknowledged is there, and what is there twice would be a duplicate key.
    [Theory, MemberData(nameof(Installed))]
    public async Task Nothing_acknowledged_is_lost_when_the_database_is_killed(Backend backend)
    {
        await using var server = await OwnServer.StartAsync(backend);
        await using var database = server.Open(patience: TimeSpan.FromSeconds(60));
        await Note.CreateTableAsync(database);
        var kills = int.Parse(Environment.GetEnvironmentVariable("MEERKAT_KILLS") ?? "3", System.Globalization.CultureInfo.InvariantCulture);
        var seed = Environment.TickCount & 0xFFFF;
        var random = new Random(seed);
        var acknowledged = new HashSet<long>();
        var unknown = new HashSet<long>();
        var last = 0L;
        for (var kill = 0; kill < kills; kill++)
        {
            using var stop = new CancellationTokenSource();
            var writers = Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
            {
                var owner = BareJid.Parse($"w{worker}@one.example");
                while (!stop.IsCancellationRequested)
                {
                    var id = Interlocked.Increment(ref last);
                    try
                    {
                        await database.WriteAsync(owner, session => Note.AddAsync(session, id), None);
                        lock (acknowledged)
                        {
                            acknowledged.Add(id);
                        }
                    }
                    catch (StorageUnavailableException)
                    {
                        lock (unknown)
                        {
                            unknown.Add(id); // lost during its commit
                        }
                    }
                }
            })).ToArray();
            var moment = random.Next(50, 500);
            await Task.Delay(moment, None);
            await server.Process.KillAsync();
            await server.Process.StartAsync();
            await EventuallyAsync(() => Note.AddAsync(database, -1 - kill));
            await stop.CancelAsync();
            await Task.WhenAll(writers);
        }

        var there = (await Note.IdsAsync(database)).Where(id => id > 0).ToHashSet();
        Assert.True(acknowledged.Count > 50, $"only {acknowledged.Count} were acknowledged");
        Assert.True(acknowledged.IsSubsetOf(there), $"seed {seed}: lost {string.Join(' ', acknowledged.Except(there).Take(10))} of {acknowledged.Count}");
        Assert.True(there.IsSubsetOf(acknowledged.Union(unknown)), $"seed {seed}: nobody asked for {string.Join(' ', there.Except(acknowledged).Except(unknown).Take(10))}");
    }

    private static async Task EventuallyAsync(Func<ValueTask<int>> request)
    {
        for (var began = Stopwatch.StartNew(); ;)
        {
            try
            {
                await request();
                return;
            }
            catch (Exception e) when (e is StorageUnavailableException or System.Data.Common.DbException && began.Elapsed < TimeSpan.FromSeconds(60))
            {
                // not yet
            }
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var began = Stopwatch.StartNew(); !condition();)
        {
            Assert.True(began.Elapsed < TimeSpan.FromSeconds(60));
            await Task.Delay(20);
        }
    }

    /// <summary>A server that may be ended.</summary>
    private sealed class OwnServer(DatabaseProcess process, RdbmsPoolOptions options) : IAsyncDisposable
    {
        public DatabaseProcess Process => process;

        public RdbmsPoolOptions Options => options;

        public static async Task<OwnServer> StartAsync(Backend backend)
        {
            if (backend is Backend.Postgres)
            {
                Assert.SkipWhen(PostgresProcess.Missing is not null, PostgresProcess.Missing ?? "");
                var postgres = await PostgresProcess.CreateAsync();
                return new OwnServer(postgres, DatabaseServers.PostgresOptions(postgres, "postgres"));
            }

            Assert.SkipWhen(MariaDbProcess.Missing is not null, MariaDbProcess.Missing ?? "");
            var mariaDb = await MariaDbProcess.CreateAsync();
            var options = DatabaseServers.MariaDbOptions(mariaDb, "meerkat");
            await DatabaseServers.AskMySqlAsync(options, "CREATE DATABASE meerkat");
            return new OwnServer(mariaDb, options);
        }

        public ServerDatabase Open(TimeSpan patience) =>
            ServerTestDatabase.Open(options with { Connection = options.Connection with { QueryTimeout = patience, MaxStartInterval = TimeSpan.FromSeconds(1) } });

        public ValueTask DisposeAsync() => process.DisposeAsync();
    }
}
