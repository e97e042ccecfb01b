using System.Text.Json;
using Meerkat.Admin.GraphQL;
using Meerkat.Admin.Monitoring;
using Meerkat.Admin.Tests.Metrics;
using Meerkat.Core.Hosts;
using Meerkat.Core.Tracing;
using Meerkat.Modules.HttpUpload;
using Meerkat.Modules.Inbox;
using Meerkat.Modules.LastActivity;
using Meerkat.Modules.Mam;
using Meerkat.Modules.Muc;
using Meerkat.Modules.MucLight;
using Meerkat.Modules.Offline;
using Meerkat.Modules.Presences;
using Meerkat.Modules.PrivateStorage;
using Meerkat.Modules.Roster;
using Meerkat.Modules.VCard;
using Meerkat.Testing;

namespace Meerkat.Admin.Tests.GraphQL;

/// <summary>The administrator's schema over a server in memory with two domains.</summary>
internal sealed class ApiFixture : IAsyncDisposable, IServerControl
{
    public static readonly ApiCaller Admin = new(ApiRole.Admin, ApiTransport.Http);
    public static readonly ApiCaller Nobody = new(ApiRole.Nobody, ApiTransport.Http);
    public static readonly ApiCaller DomainAdmin = new(ApiRole.DomainAdmin, ApiTransport.Http, Domain: "one.test");

    private ApiFixture(TestServer server)
    {
        Server = server;
        Api = new AdminApi(server.Context, this, new SampleMetrics());
    }

    public TestServer Server { get; }

    public AdminApi Api { get; }

    public string NodeName => "meerkat@test";

    public string DataFolder { get; } = Directory.CreateTempSubdirectory("meerkat-api-").FullName;

    public string? CommitHash => null;

    public LogThreshold LogLevel { get; set; } = LogThreshold.Warning;

    public LogTail Log { get; } = new(TimeProvider.System);

    public string ConfigurationSource => "a test";

    public IReadOnlyList<ConfigurationSection> Configuration { get; } = [new("general", [new("general.hosts", "[\"one.test\"]", IsSecret: false, IsDefault: false), new("general.secret", null, IsSecret: true, IsDefault: false)])];

    public IReadOnlyList<string> Services => ["service_domain_db", "service_traffic"];

    public IReadOnlyList<string> InternalDatabases => ["mnesia"];

    public bool? Restarts { get; private set; }

    public static async Task<ApiFixture> StartAsync(bool privateStorage = false, bool everything = false, bool domains = false) => new(await TestServer.StartAsync(with =>
    {
        with.Domains = ["one.test", "two.test"];
        with.Traffic = everything ? new TrafficWatch() : null;
        with.HostTypes = everything || domains ? ["free", "paying"] : [];
        with.Module<RosterModule>().Module<PresenceModule>().Module<LastActivityModule>().Module<VCardModule>().Module<MucLightModule>();
        if (privateStorage)
        {
            with.Module<PrivateStorageModule>();
        }

        if (everything)
        {
            with.Module<HttpUploadModule>(new HttpUploadOptions { S3 = new S3UploadOptions { BucketUrl = "https://files.example/bucket", Region = "eu", AccessKeyId = "id", SecretAccessKey = "key" } });
            with.Module<MucModule>().Module<InboxModule>().Module<OfflineStubModule>().Module<MamModule>(new MamOptions { Pm = new MamPmOptions(), Muc = new MamMucOptions { Host = "muclight.@HOST@" } });
        }
    }));

    public IReadOnlyList<(string Module, IReadOnlyList<(string Key, string? Value)> Options)> ModulesOf(HostType host) => [.. host.Modules.Keys.Select(key => (key, (IReadOnlyList<(string, string?)>)[]))];

    public IReadOnlyList<string> AuthMethodsOf(HostType host) => ["internal"];

    public void StopSoon(bool restart) => Restarts = restart;

    public async Task<(int Status, JsonElement Body)> AskAsync(string query, ApiCaller? caller = null, string? variables = null, string? operation = null, IReadOnlyCollection<string>? categories = null, bool introspection = true)
    {
        var answer = ApiRequest.Read(query, variables, operation, out var request) ?? await Api.ExecuteAsync(request!, caller ?? Admin, categories, introspection, CancellationToken.None);
        return (answer.Status, JsonDocument.Parse(answer.Body).RootElement);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(DataFolder, recursive: true);
    }
}
