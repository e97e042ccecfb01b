using System.Runtime.CompilerServices;
using Meerkat.Core.Sessions;
using Meerkat.Core.Storage;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Meerkat.Core.Tests.Sessions;

/// <summary>Sessions that are written into a table too, with one that fails as it is told.</summary>
public sealed class TabledSessionDirectoryTests : IAsyncDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly FlakyTable _table = new();
    private readonly TestLog _log = new();
    private readonly TabledSessionDirectory _directory;

    public TabledSessionDirectoryTests() => _directory = new TabledSessionDirectory(_table, "here", TimeProvider.System, _log.CreateLogger<TabledSessionDirectory>());

    public ValueTask DisposeAsync() => _directory.DisposeAsync();

    [Fact] // OPS-035: a node first cleans its own leftovers
    public async Task A_start_takes_away_what_this_node_has_left_and_nothing_else()
    {
        var (left, other) = (new SessionEntry(FullJid.Parse("alice@example.test/a"), "here", "1"), new SessionEntry(FullJid.Parse("alice@example.test/b"), "there", "2"));
        await _table.WriteAsync([left, other], [], None);
        await _directory.StartAsync(TimeSpan.FromMinutes(1), None);
        Assert.Equal([other], await _table.FindAsync(left.Jid.Bare, None));
    }

    [Fact]
    public async Task A_bound_session_is_in_the_table_until_it_ends()
    {
        await using var server = await StartAsync();
        await using (await server.ConnectAsync("alice", "phone"))
        {
            var entry = Assert.Single(await FindAsync("alice@example.test/phone"));
            Assert.Equal("here", entry.Node);
        }

        await UntilAsync(async () => (await FindAsync("alice@example.test/phone")).Count == 0);
    }

    [Fact] // CORE-124
    public async Task A_session_that_takes_the_place_of_another_takes_it_in_the_table_too()
    {
        await using var server = await StartAsync();
        await using var first = await server.ConnectAsync("alice", "phone");
        var old = Assert.Single(await FindAsync("alice@example.test/phone"));
        _table.Fails = true; // whoever is bound here already waits for nobody
        await using var second = await server.ConnectAsync("alice", "phone");
        _table.Fails = false;
        await UntilAsync(async () => await FindAsync("alice@example.test/phone") is [var young] && young != old);
    }

    [Fact] // OPS-212
    public async Task A_bind_is_refused_while_the_table_is_away_and_may_be_tried_again()
    {
        await using var server = await StartAsync();
        await using var bob = await server.ConnectAsync("bob");
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await using var alice = server.Open();
        await alice.LogInAsync("alice", "example.test", "secret");
        _table.Fails = true;
        await alice.SendAsync("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>phone</resource></bind></iq>");
        await alice.ExpectAsync("<iq type='error' id='b'><error type='wait'><internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
        Assert.Null(await _directory.FindAsync(FullJid.Parse("alice@example.test/phone"), None));

        await bob.SendAsync("<message to='bob@example.test' type='chat' id='m'><body>still here</body></message>");
        await bob.ReceiveAsync(element => element.Attribute("id") == "m");

        _table.Fails = false;
        await alice.BindAsync("phone");
        Assert.Single(await FindAsync("alice@example.test/phone"));
    }

    [Fact]
    public async Task What_could_not_be_written_is_written_when_the_table_is_back()
    {
        await using var server = await StartAsync();
        await using var stays = await server.ConnectAsync("alice", "stays");
        var goes = await server.ConnectAsync("alice", "goes");
        _table.Fails = true;
        await goes.DisposeAsync();
        await UntilAsync(() => new ValueTask<bool>(_log.Errors.Any(error => error.Contains("does not answer", StringComparison.Ordinal))));
        _table.Fails = false;
        await UntilAsync(async () => (await FindAsync("alice@example.test/goes")).Count == 0);
        Assert.Single(await FindAsync("alice@example.test/stays"));
    }

    [Fact] // a Redis that keeps nothing was started anew
    public async Task A_table_that_comes_back_empty_gets_everything_again()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "phone");
        await using var bob = await server.ConnectAsync("bob", "phone");
        _table.Empty();
        await UntilAsync(async () => (await FindAsync("alice@example.test/phone")).Count == 1 && (await FindAsync("bob@example.test/phone")).Count == 1);
    }

    [Fact] // CONF-134
    public async Task A_start_does_not_wait_for_ever()
    {
        _table.Fails = true;
        await _directory.StartAsync(TimeSpan.FromMilliseconds(50), None);
        Assert.Contains(_log.Errors, error => error.Contains("starts without it", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_end_of_the_server_waits_until_its_sessions_are_out_of_the_table()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice", "phone");
        await server.Context.EndSessionsAsync(None);
        await _directory.DisposeAsync();
        Assert.Empty(await FindAsync("alice@example.test/phone"));
    }

    private static async Task UntilAsync(Func<ValueTask<bool>> condition)
    {
        for (var i = 0; !await condition(); i++)
        {
            Assert.True(i < 1000, "it does not come");
            await Task.Delay(20, None);
        }
    }

    private async Task<TestServer> StartAsync()
    {
        await _directory.StartAsync(TimeSpan.FromMinutes(1), None);
        return await TestServer.StartAsync(with => with.Sessions = _directory);
    }

    private ValueTask<IReadOnlyList<SessionEntry>> FindAsync(string jid) => _table.FindAsync(FullJid.Parse(jid), None);

    private sealed class FlakyTable : ISessionTable
    {
        private MemorySessionTable _table = new();

        public event Action? Returned;

        public bool Fails { get; set; }

        public void Empty()
        {
            _table = new MemorySessionTable();
            Returned?.Invoke();
        }

        public ValueTask WriteAsync(IReadOnlyList<SessionEntry> added, IReadOnlyList<SessionEntry> removed, CancellationToken ct) =>
            Fails ? throw new StorageUnavailableException("away") : _table.WriteAsync(added, removed, ct);

        public ValueTask<IReadOnlyList<SessionEntry>> FindAsync(BareJid account, CancellationToken ct) => _table.FindAsync(account, ct);

        public ValueTask<IReadOnlyList<SessionEntry>> FindAsync(FullJid jid, CancellationToken ct) => _table.FindAsync(jid, ct);

        public async IAsyncEnumerable<SessionEntry> OfNodeAsync(string node, [EnumeratorCancellation] CancellationToken ct)
        {
            await foreach (var entry in Fails ? throw new StorageUnavailableException("away") : _table.OfNodeAsync(node, ct))
            {
                yield return entry;
            }
        }
    }
}
