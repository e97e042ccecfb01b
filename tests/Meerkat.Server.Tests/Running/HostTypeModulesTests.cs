using Meerkat.Core.Accounts;
using Meerkat.Core.Domains;
using Meerkat.Modules.Mam;
using Meerkat.Server.Running;
using Meerkat.Testing;
using Xunit;

namespace Meerkat.Server.Tests.Running;

/// <summary>CORE-248, AUTH-004: nothing that is built stands in the way of domains that come and go.</summary>
public sealed class HostTypeModulesTests
{
    private const string Domain = "added.example";

    // mod_http_upload wants a folder: ManyDomainsTests and HttpUploadTests have it.
    public static TheoryData<string> Modules => [.. ModulesHere.Catalogue.All.Select(module => module.Key).Except(["mod_http_upload"])];

    [Theory] // CORE-248
    [MemberData(nameof(Modules))]
    public async Task A_module_serves_a_domain_that_was_added(string key)
    {
        await using var server = await TestServer.StartAsync(with =>
        {
            with.HostTypes = ["free"];
            with.Module(ModulesHere.Catalogue.Find(key)!, key == "mod_mam" ? new MamOptions { Pm = new MamPmOptions() } : null);
        });
        Assert.Equal(DomainResult.Ok, await server.Dynamic.AddAsync(Domain, "free", TestContext.Current.CancellationToken));
        await using var alice = await server.ConnectAsync("alice", "r", Domain);

        Assert.Equal($"alice@{Domain}/r", alice.Jid);
        Assert.Empty(server.Log.Errors);
    }

    // AUTH-004; http, jwt and pki are asked by domain too, and have tests of their own.
    public static TheoryData<AuthMethod, string> Methods => new()
    {
        { AuthMethod.Internal, "PLAIN" },
        { AuthMethod.Rdbms, "PLAIN" },
        { AuthMethod.Dummy, "PLAIN" },
        { AuthMethod.Anonymous, "ANONYMOUS" },
    };

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task A_method_lets_users_of_an_added_domain_in(AuthMethod method, string mechanism)
    {
        await using var server = await TestServer.StartAsync(with =>
        {
            with.HostTypes = ["free"];
            with.Auth = new AuthOptions
            {
                Methods = [method],
                Internal = new InternalAuthOptions(),
                Rdbms = new RdbmsAuthOptions(),
                Dummy = new DummyAuthOptions { BaseTime = TimeSpan.Zero, Variance = TimeSpan.FromTicks(1) },
                Anonymous = new AnonymousAuthOptions(),
                Password = new PasswordOptions { Format = PasswordFormat.Plain, ScramIterations = 1 },
            };
        });
        await server.Dynamic.AddAsync(Domain, "free", TestContext.Current.CancellationToken);
        await server.Accounts.AddAsync($"alice@{Domain}", "secret");
        await using var client = server.Open();
        await client.OpenStreamAsync(Domain);
        await client.SendAsync($"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>{(mechanism == "PLAIN" ? "AGFsaWNlAHNlY3JldA==" : "=")}</auth>");
        var success = client.ExpectAsync("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        while (!success.IsCompleted)
        {
            server.Time.Advance(TimeSpan.FromMilliseconds(10)); // the method "dummy" takes its time
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        await success;
        await client.OpenStreamAsync(Domain);
        await client.BindAsync();
        Assert.EndsWith($"@{Domain}", client.BareJid, StringComparison.Ordinal);
    }
}
