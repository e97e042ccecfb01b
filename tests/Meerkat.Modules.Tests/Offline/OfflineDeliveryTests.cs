using Meerkat.Core.Access;
using Meerkat.Core.Modules;
using Meerkat.Modules.Mam;
using Meerkat.Modules.Offline;
using Meerkat.Modules.StreamManagement;
using Meerkat.Modules.Tests.Doubles;
using Meerkat.Modules.Tests.Mam;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Offline;

/// <summary>How waiting messages are delivered, limited and lost from sight.</summary>
public sealed class OfflineDeliveryTests
{
    private static readonly BareJid s_bob = BareJid.Parse("bob@example.test");

    [Fact] // CORE-202, OFF-005, OFF-006
    public async Task Messages_come_in_order_with_a_delay_and_before_the_presence_and_only_once()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        for (var i = 0; i < 150; i++)
        {
            await alice.SendAsync($"<message to='bob@example.test' type='chat' id='m{i}'><body>{i}</body></message>");
        }

        await alice.ExpectNothingAsync();
        server.Time.Advance(TimeSpan.FromHours(1));
        await using (var bob = await server.ConnectAsync("bob"))
        {
            await bob.SendAsync("<presence/>");
            for (var i = 0; i < 150; i++)
            {
                await bob.ExpectAsync($"<message from='{alice.Jid}' id='m{i}'><body>{i}</body><delay xmlns='urn:xmpp:delay' from='example.test' stamp='2030-01-02T03:04:05Z'>Offline Storage</delay></message>");
            }

            await bob.ExpectAsync("<presence/>");
        }

        await using var again = await server.ConnectAsync("bob");
        await again.SendAsync("<presence/>");
        await again.ExpectAsync("<presence/>");
    }

    [Fact] // OFF-005
    public async Task An_earlier_delay_is_kept_as_the_stamp_and_not_doubled()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='bob@example.test'><body>b</body><delay xmlns='urn:xmpp:delay' from='x.test' stamp='2001-01-01T00:00:00.123Z'/></message>");
        await alice.ExpectNothingAsync();
        await using var bob = await server.ConnectAsync("bob");
        await bob.SendAsync("<presence/>");
        var message = await bob.ExpectAsync("<message><body>b</body><delay xmlns='urn:xmpp:delay' from='example.test' stamp='2001-01-01T00:00:00.123Z'/></message>");
        Assert.Equal(2, message.Children.Count);
    }

    [Fact] // CORE-202, OFF-006
    public async Task A_negative_priority_gets_nothing_until_it_rises()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='bob@example.test'><body>b</body></message>");
        await alice.ExpectNothingAsync();
        await using var bob = await server.ConnectAsync("bob");
        await bob.SendAsync("<presence><priority>-1</priority></presence>");
        await bob.ExpectAsync("<presence/>");
        await bob.SendAsync("<presence><priority>1</priority></presence>");
        await bob.ExpectAsync("<message><body>b</body></message>");
        await bob.ExpectAsync("<presence/>");
    }

    [Fact] // OFF-004, XEP-0023
    public async Task An_expired_message_is_dropped()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='bob@example.test'><body>old</body><x xmlns='jabber:x:expire' seconds='10'/></message>");
        await alice.SendAsync("<message to='bob@example.test'><body>new</body><x xmlns='jabber:x:expire' seconds='11'/></message>");
        await alice.SendAsync("<message to='bob@example.test'><body>never</body><x xmlns='jabber:x:expire' seconds='0'/></message>");
        await alice.ExpectNothingAsync();
        server.Time.Advance(TimeSpan.FromSeconds(10));
        await using var bob = await server.ConnectAsync("bob");
        await bob.SendAsync("<presence/>");
        await bob.ExpectAsync("<message><body>new</body></message>");
        await bob.ExpectAsync("<message><body>never</body></message>");
        await bob.ExpectAsync("<presence/>");
    }

    [Fact] // OFF-003
    public async Task Beyond_the_limit_the_sender_gets_an_error()
    {
        var store = new MemoryOfflineStore();
        await using var server = await StartAsync(store, with => with.Access["max_user_offline_messages"] = [new AccessClause { Acl = "all", Value = AccessValue.Of(2) }]);
        await using var alice = await server.ConnectAsync("alice");
        for (var i = 1; i <= 3; i++)
        {
            await alice.SendAsync($"<message to='bob@example.test' id='m{i}'><body>{i}</body></message>");
        }

        await alice.ExpectAsync("<message type='error' id='m3' from='bob@example.test'><error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        await alice.ExpectNothingAsync();
        Assert.Equal(2, await store.CountAsync(s_bob, server.Time.GetUtcNow(), CancellationToken.None));
    }

    [Fact] // OFF-003, CORE-203: what a session leaves behind is stored like anything else
    public async Task The_limit_holds_for_what_a_session_leaves_behind()
    {
        var store = new MemoryOfflineStore();
        await using var server = await StartAsync(store, with =>
        {
            with.Access["max_user_offline_messages"] = [new AccessClause { Acl = "all", Value = AccessValue.Of(2) }];
            with.Module<StreamManagementModule>(new StreamManagementOptions { Ack = false });
        });
        await using var alice = await server.ConnectAsync("alice");
        await using var bob = await server.ConnectAsync("bob");
        await bob.SendAsync("<enable xmlns='urn:xmpp:sm:3'/><presence/>");
        await bob.ExpectAsync("<enabled xmlns='urn:xmpp:sm:3'/>");
        await bob.ExpectAsync("<presence/>");
        for (var i = 1; i <= 3; i++)
        {
            await alice.SendAsync($"<message to='bob@example.test' id='m{i}'><body>{i}</body></message>");
            await bob.ExpectAsync($"<message id='m{i}'/>");
        }

        await bob.SendAsync("</stream:stream>");
        await alice.ExpectAsync("<message type='error' id='m3' from='bob@example.test'><error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        await alice.ExpectNothingAsync();
        Assert.Equal(2, await store.CountAsync(s_bob, server.Time.GetUtcNow(), CancellationToken.None));
    }

    [Fact] // Architecture §2, durability: what cannot be stored is answered
    public async Task A_store_that_fails_is_an_error_to_the_sender_and_the_session_goes_on()
    {
        var store = new SlowOfflineStore();
        await using var server = await StartAsync(store);
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='bob@example.test' id='m1'><body>b</body></message>");
        (await store.NextAsync()).SetException(new IOException("disk"));
        await alice.ExpectAsync("<message type='error' id='m1'><error type='wait'><internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        await alice.SendAsync("<message to='bob@example.test' id='m2'><body>b</body></message>");
        (await store.NextAsync()).SetException(new Core.Storage.StorageBusyException("full"));
        await alice.ExpectAsync("<message type='error' id='m2'><error type='wait'><resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
    }

    [Theory] // A disk that is full: what three stores cannot write is one message, and nobody says that it was delivered
    [InlineData(false)]
    [InlineData(true)] // the archives take their time
    public async Task However_many_stores_fail_at_a_message_its_sender_hears_of_it_once(bool isArchiveLast)
    {
        var (offline, archive) = (new SlowOfflineStore(), new SlowArchiveStore());
        await using var server = await TestServer.StartAsync(with =>
        {
            with.Module<OfflineModule>().Module<MamModule>(new MamOptions { Pm = new MamPmOptions() }).Module<PlainPresenceModule>();
            with.Stores = new TwoStores(offline, archive);
        });
        await server.Accounts.AddAsync("bob@example.test", "secret");
        await using var alice = await server.ConnectAsync("alice");
        var session = server.Context.Sessions.Local.Single();
        await alice.SendAsync("<message to='bob@example.test' type='chat' id='m1'><body>b</body></message>");
        var write = await offline.NextAsync();
        if (isArchiveLast)
        {
            write.SetException(new IOException("disk full"));
        }

        var archived = 0;
        while (archived < 2)
        {
            var (done, count) = await archive.NextAsync();
            archived += count == 1 ? 1 : 0; // those that fail together are tried one by one
            done.SetException(new IOException("disk full"));
        }

        write.TrySetException(new IOException("disk full"));
        await session.Watermark.CaughtUpAsync();
        var error = await alice.ExpectAsync("<message type='error' id='m1' from='bob@example.test'><error type='wait'><internal-server-error xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>");
        await alice.ExpectNothingAsync();
        Assert.Equal(3, server.Log.Errors.Count());
        Assert.All(server.Log.Errors.Append(error.ToString()), text => Assert.DoesNotMatch("deliver|sent|told", text.Split("System.IO")[0]));
    }

    [Fact] // Architecture §2, durability: the sender goes on, its acknowledgement waits
    public async Task A_message_is_not_handled_before_it_is_committed_and_the_next_one_does_not_wait_for_it()
    {
        var store = new SlowOfflineStore();
        await using var server = await StartAsync(store);
        await using var alice = await server.ConnectAsync("alice");
        var session = server.Context.Sessions.Local.Single();
        await alice.SendAsync("<message to='bob@example.test'><body>b</body></message>");
        var write = await store.NextAsync();
        await alice.ExpectNothingAsync(); // a request behind it is answered meanwhile
        var before = session.Watermark.Handled;
        write.SetResult();
        await session.Watermark.CaughtUpAsync();
        Assert.True(session.Watermark.Handled >= before + 2, $"{before} {session.Watermark.Handled}");
    }

    [Fact] // OFF-006, race
    public async Task A_message_that_is_written_while_its_recipient_comes_still_arrives()
    {
        var store = new SlowOfflineStore();
        await using var server = await StartAsync(store);
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='bob@example.test'><body>b</body></message>");
        var write = await store.NextAsync();
        await using var bob = await server.ConnectAsync("bob");
        await bob.BecomeAvailableAsync(); // has looked and found nothing
        write.SetResult();
        await bob.ExpectAsync("<message><body>b</body><delay xmlns='urn:xmpp:delay'/></message>");
        await bob.ExpectNothingAsync();
    }

    [Fact] // OFF-006: killed between hand-over and removal, a message comes again rather than never
    public async Task What_was_not_removed_from_the_store_is_delivered_again()
    {
        var store = new SlowOfflineStore { FailRemovals = true };
        await using var server = await StartAsync(store);
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='bob@example.test'><body>b</body></message>");
        (await store.NextAsync()).SetResult();
        await alice.ExpectNothingAsync();
        await using (var bob = await server.ConnectAsync("bob"))
        {
            await bob.SendAsync("<presence/>");
            await bob.ReceiveAsync(element => element.Name == "message" && element.ChildText("body") == "b"); // behind the presence where what was stored a moment ago looks for him itself
            await bob.AskAsync("<iq type='get' to='example.test'><mark xmlns='meerkat:test'/></iq>"); // the store's failure is not the session's
        }

        store.FailRemovals = false;
        await using var again = await server.ConnectAsync("bob");
        await again.SendAsync("<presence/>");
        await again.ReceiveAsync(element => element.Name == "message" && element.ChildText("body") == "b"); // behind the presence where the store has it again from the session that went only now
    }

    [Fact] // CORE-203: what a lost session did not get goes back, with its first delay
    public async Task Messages_of_two_sessions_at_once_go_to_one_of_them()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        for (var i = 0; i < 300; i++)
        {
            await alice.SendAsync($"<message to='bob@example.test'><body>{i}</body></message>");
        }

        await alice.ExpectNothingAsync();
        await using var one = await server.ConnectAsync("bob", "one");
        await using var two = await server.ConnectAsync("bob", "two");
        await Task.WhenAll(one.SendAsync("<presence/>"), two.SendAsync("<presence/>"));
        var got = await Task.WhenAll(CountAsync(one), CountAsync(two));
        Assert.Equal(300, got.Sum());

        static async Task<int> CountAsync(TestClient client)
        {
            await client.SendAsync("<iq type='get' id='end' to='example.test'><mark xmlns='meerkat:test'/></iq>");
            var count = 0;
            await client.ReceiveAsync(element =>
            {
                count += element.Name == "message" ? 1 : 0;
                return element.Attribute("id") == "end";
            });
            return count;
        }
    }

    [Fact]
    public async Task The_largest_message_that_a_client_may_send_waits_like_any_other()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ConnectAsync("alice");
        var stanza = $"<message to='bob@example.test'><body>{new string('x', 262_000)}</body></message>";
        await alice.SendAsync(stanza + new string(' ', 4));
        await alice.SendAsync($"<message to='bob@example.test'><body>{new string('y', 262_144 - stanza.Length + 262_000)}</body></message>");
        await alice.ExpectNothingAsync();
        await using var bob = await server.ConnectAsync("bob");
        await bob.SendAsync("<presence/>");
        Assert.Equal('x', (await bob.ExpectAsync("<message/>")).ChildText("body")![0]);
        Assert.Equal('y', (await bob.ExpectAsync("<message/>")).ChildText("body")![0]);
    }

    [Fact] // OFF-007
    public async Task An_administrator_removes_old_and_expired_messages()
    {
        var store = new MemoryOfflineStore();
        await using var server = await StartAsync(store);
        await using var alice = await server.ConnectAsync("alice");
        await alice.SendAsync("<message to='bob@example.test'><body>1</body><x xmlns='jabber:x:expire' seconds='60'/></message><message to='bob@example.test'><body>2</body></message>");
        await alice.ExpectNothingAsync();
        var operations = new OfflineOperations(store, server.Time);
        server.Time.Advance(TimeSpan.FromHours(25));
        Assert.Equal(1, await operations.RemoveExpiredAsync("example.test", CancellationToken.None));
        Assert.Equal(0, await operations.RemoveOlderAsync("example.test", 2, CancellationToken.None));
        Assert.Equal(1, await operations.RemoveOlderAsync("example.test", 1, CancellationToken.None));
    }

    private static async Task<TestServer> StartAsync(IOfflineStore? store = null, Action<TestServerBuilder>? with = null)
    {
        var server = await TestServer.StartAsync(builder =>
        {
            builder.Module<OfflineModule>().Module<PlainPresenceModule>();
            builder.Stores = new OneStore(store ?? new MemoryOfflineStore());
            with?.Invoke(builder);
        });
        await server.Accounts.AddAsync("bob@example.test", "secret");
        return server;
    }

    private sealed class TwoStores(IOfflineStore offline, IAccountArchiveStore archive) : IStoreProvider
    {
        public object? Create(Type contract, Core.Hosts.HostType host, object? options) =>
            contract == typeof(IOfflineStore) ? offline : contract == typeof(IAccountArchiveStore) ? archive : new MamFixture.Stores().Create(contract, host, options);
    }

    private sealed class OneStore(IOfflineStore store) : IStoreProvider
    {
        public object? Create(Type contract, Core.Hosts.HostType host, object? options) => contract == typeof(IOfflineStore) ? store : null;
    }
}
