using System.Text;
using Meerkat.Core.Configuration;
using Meerkat.Server.Configuration;
using Meerkat.Server.Running;
using Meerkat.Storage.Sql.PrivateStorage;
using Meerkat.Storage.Sql.Sqlite;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Meerkat.Server.Tests.Running;

/// <summary>What modules have kept that are not configured any more.</summary>
public sealed class RemainsTests : IDisposable
{
    private const string Configuration = """
        [general]
        hosts = ["example.test"]
        default_server_domain = "example.test"

        [auth.internal]
        """;

    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid s_alice = BareJid.Parse("alice@example.test");
    private static readonly BareJid s_bob = BareJid.Parse("bob@example.test");
    private static readonly XmlElement s_asked = XmlElement.Parse("<n xmlns='app:n'/>");

    private readonly DataFolder _folder = new(Directory.CreateTempSubdirectory("meerkat-remains-").FullName);

    public void Dispose() => Directory.Delete(_folder.Path, recursive: true);

    [Fact] // AUTH-019: nothing of a removed account stays
    public async Task They_go_with_the_account()
    {
        var errors = new ConfigErrors();
        var configuration = ConfigurationLoader.Load(new("t.toml", Encoding.UTF8.GetBytes(Configuration)), ModulesHere.Options, allowMissing: false, errors);
        Assert.True(configuration is not null, string.Join('\n', errors.All));
        await using var server = new MeerkatServer(configuration, _folder, TimeProvider.System, NullLoggerFactory.Instance);
        await server.OpenAsync(None);
        var accounts = server.Context!.Domains.For("example.test")!.Accounts;
        await using var database = new SqliteDatabase(new SqliteOptions { Path = _folder.Database });
        var store = new SqlPrivateStore(database);
        foreach (var account in (BareJid[])[s_alice, s_bob])
        {
            await accounts.RegisterAsync(account, "secret", None);
            await store.SetAsync(account, [XmlElement.Parse("<n xmlns='app:n'>milk</n>")], None);
        }

        await accounts.RemoveAsync(s_alice, None);
        Assert.Equal("", (await store.GetAsync(s_alice, [s_asked], None))[0].Text);
        Assert.Equal("milk", (await store.GetAsync(s_bob, [s_asked], None))[0].Text);
    }
}
