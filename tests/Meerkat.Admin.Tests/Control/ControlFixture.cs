using Meerkat.Admin.Tests.Control;
using Meerkat.Hostile;
using Meerkat.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(ControlFixture))]

namespace Meerkat.Admin.Tests.Control;

/// <summary>One real server for all tests of the command line, with the accounts a, b and c; a is connected.</summary>
public sealed class ControlFixture : IAsyncLifetime
{
    private ServerProcess? _server;

    public ServerProcess Server => _server!;

    public const string Domain = ServerProcess.Domain;

    /// <summary>a's session, with the resource <c>phone</c> and available.</summary>
    public TestClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ServerProcess.StartAsync(text => $"{text.Replace("[general]\n", "[general]\n  host_types = [\"free\"]\n", StringComparison.Ordinal)}\n[services.service_domain_db]\n  [modules.mod_mam.muc]\n[modules.mod_muc]\n[modules.mod_muc_light]\n[modules.mod_inbox]\n[[modules.mod_extdisco.service]]\ntype = \"turn\"\nhost = \"turn.localhost\"\nsecret = \"s\"\n[modules.mod_http_upload.s3]\nbucket_url = \"https://files.example/bucket\"\nregion = \"eu\"\naccess_key_id = \"id\"\nsecret_access_key = \"key\"\n");
        Client = await ConnectAsync("a", "phone");
    }

    /// <summary>A session that has sent its presence.</summary>
    public async Task<TestClient> ConnectAsync(string name, string resource)
    {
        var client = await TestClient.ConnectAsync(Server.StartTls, Domain);
        await client.LogInAsync(name, Domain, ServerProcess.Password);
        await client.BindAsync(resource);
        await client.BecomeAvailableAsync();
        return client;
    }

    public Task<ControlResult> RunAsync(params string[] arguments) => ControlProgram.RunAsync(Server.DataFolder, arguments);

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
    }
}
