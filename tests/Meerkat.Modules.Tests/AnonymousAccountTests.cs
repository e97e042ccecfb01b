using System.Collections.Concurrent;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;
using Meerkat.Core.Storage;
using Meerkat.Modules.PrivateStorage;
using Meerkat.Modules.StreamManagement;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests;

/// <summary>Anonymous accounts live as long as their sessions, and leave nothing behind (AUTH-059 to AUTH-063).</summary>
public sealed class AnonymousAccountTests
{
    private const string Set = "<iq type='set'><query xmlns='jabber:iq:private'><n xmlns='app:n'>secret</n></query></iq>";
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact] // AUTH-061, AUTH-062, AUTH-063
    public async Task What_an_anonymous_user_stored_goes_with_its_last_session()
    {
        await using var server = await StartAsync(AnonymousProtocol.SaslAnon);
        var client = await LogInAsync(server);
        var account = BareJid.Parse(client.BareJid);
        await client.AskAsync(Set);
        Assert.Equal(Existence.Yes, await server.Host.Auth.ExistsAsync(account, None));
        Assert.Equal([account], await server.Host.Auth.ListAsync("example.test", AccountListing.All, None));
        Assert.Equal([account], Registered(server));
        Assert.NotEmpty(await ExportAsync(server, account));

        await client.SendAsync("</stream:stream>");
        await client.ExpectEndAsync();
        await Until(async () => await server.Host.Auth.ExistsAsync(account, None) is Existence.No);
        Assert.Empty(await ExportAsync(server, account));
    }

    [Fact] // AUTH-061 and XEP-0198: a session that waits for resumption is one
    public async Task While_a_session_waits_for_resumption_its_account_stays()
    {
        await using var server = await StartAsync(AnonymousProtocol.SaslAnon);
        var client = await LogInAsync(server);
        var account = BareJid.Parse(client.BareJid);
        await client.AskAsync(Set);
        await client.SendAsync("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        await client.ExpectAsync("<enabled xmlns='urn:xmpp:sm:3'/>");
        await client.DropAsync();
        var session = server.Context.Sessions.Local.Single();
        await Until(() => Task.FromResult(session.IsDetached));
        Assert.NotEmpty(await ExportAsync(server, account));

        server.Time.Advance(TimeSpan.FromSeconds(600));
        await Until(async () => await server.Host.Auth.ExistsAsync(account, None) is Existence.No);
        Assert.Empty(await ExportAsync(server, account));
    }

    [Fact] // AUTH-059
    public async Task A_name_that_is_in_use_is_nobody_elses()
    {
        await using var server = await StartAsync(AnonymousProtocol.LoginAnon);
        await using var first = server.Open();
        await first.LogInAsync("guest", "example.test", "anything");
        await using var racing = server.Open();
        await racing.LogInAsync("guest", "example.test", "other"); // nothing is bound yet: both may try
        await first.BindAsync("a");
        await racing.SendAsync("<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        await racing.ExpectAsync("<iq type='error' id='b'><error type='cancel'><not-allowed xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");

        await using var late = server.Open();
        await late.OpenStreamAsync();
        await late.SendAsync($"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{Convert.ToBase64String("\0guest\0x"u8)}</auth>");
        await late.ExpectAsync("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>");
    }

    private static Task<TestServer> StartAsync(AnonymousProtocol protocol) => TestServer.StartAsync(with =>
    {
        with.Auth = new AuthOptions { Anonymous = new AnonymousAuthOptions { Protocol = protocol } };
        with.Module<PrivateStorageModule>().Module<StreamManagementModule>().Module<RegisteredModule>();
    });

    private static async Task<TestClient> LogInAsync(TestServer server)
    {
        var client = server.Open();
        await client.OpenStreamAsync();
        await client.SendAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>");
        await client.ExpectAsync("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        await client.OpenStreamAsync();
        await client.BindAsync("r");
        return client;
    }

    private static ConcurrentQueue<BareJid> Registered(TestServer server) => ((RegisteredModule)server.Host.Modules["mod_test_registered"]).Accounts;

    private static async Task<List<PersonalDataSection>> ExportAsync(TestServer server, BareJid account)
    {
        var sections = new List<PersonalDataSection>();
        foreach (var data in server.Host.Data)
        {
            sections.AddRange(await data.ExportAsync(account, None).ToListAsync(None));
        }

        return sections;
    }

    private static async Task Until(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (!await condition())
        {
            await Task.Delay(5, patience.Token);
        }
    }

    /// <summary>Hears of accounts that come.</summary>
    [Module("mod_test_registered")]
    internal sealed class RegisteredModule : IModule
    {
        public ConcurrentQueue<BareJid> Accounts { get; } = new();

        public void Register(IModuleRegistry on) => on.Hook(AccountHooks.Registered, AccountSlot.Observe, (context, _) =>
        {
            Accounts.Enqueue(context.Account);
            return new(HookResult.Continue);
        });
    }
}
