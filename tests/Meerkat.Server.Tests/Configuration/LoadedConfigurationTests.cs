using System.Reflection;
using System.Text;
using Meerkat.Core.Configuration;
using Meerkat.Server.Configuration;
using Meerkat.Server.Running;
using Xunit;

namespace Meerkat.Server.Tests.Configuration;

/// <summary>What administrators see of the configuration: all of it but its secrets.</summary>
public sealed class LoadedConfigurationTests
{
    private const string Full = """
        [general]
          hosts = ["localhost", "other.example"]
          default_server_domain = "localhost"
        [internal_databases.mnesia]
        [auth]
          [auth.internal]
          [auth.jwt]
            secret.value = "S3CRET-jwt-value-of-some-length-0123456789"
            algorithm = "HS256"
            username_key = "user"
          [auth.http]
            basic_auth = "me:S3CRET-basic"
        [[listen.c2s]]
          port = 5222
          tls.certfile = "FILE"
          tls.keyfile = "FILE"
          tls.password = "S3CRET-tls"
        [[listen.http]]
          port = 5280
          [[listen.http.handlers.mongoose_graphql_handler]]
            host = "_"
            path = "/api/graphql"
            schema_endpoint = "admin"
            username = "admin"
            password = "S3CRET-graphql"
            tokens = [{name = "robot", sha256 = "5ec3e75ec3e75ec3e75ec3e75ec3e75ec3e75ec3e75ec3e75ec3e75ec3e75ec3", expires = 2027-01-31T12:00:00Z}]
          [[listen.http.handlers.mongoose_admin_api]]
            host = "_"
            path = "/api"
            username = "admin"
            password = "S3CRET-rest"
          [[listen.http.handlers.modules]]
            host = "_"
            path = "/"
        [outgoing_pools.rdbms.default]
          connection.driver = "pgsql"
          connection.host = "db.example"
          connection.database = "meerkat"
          connection.username = "meerkat"
          connection.password = "S3CRET-rdbms"
        [outgoing_pools.redis.default]
          connection.host = "redis.example"
          connection.password = "S3CRET-redis"
        [outgoing_pools.cassandra.default]
          connection.auth.plain.username = "meerkat"
          connection.auth.plain.password = "S3CRET-cassandra"
        [outgoing_pools.http.auth]
          connection.host = "https://auth.example:8000"
        [modules.mod_muc]
          default_room.password = "S3CRET-room"
        [modules.mod_http_upload]
          s3.bucket_url = "https://files.example/bucket"
          s3.region = "eu"
          s3.access_key_id = "id"
          s3.secret_access_key = "S3CRET-s3"
        [[modules.mod_extdisco.service]]
          type = "turn"
          host = "turn.example"
          secret = "S3CRET-turn"
        [[host_config]]
          host = "other.example"
          [host_config.modules.mod_extdisco]
            [[host_config.modules.mod_extdisco.service]]
              type = "turn"
              host = "turn.other.example"
              username = "u"
              password = "S3CRET-other"
        """;

    [Fact]
    public void No_secret_is_ever_shown()
    {
        var shown = LoadedConfiguration.Of(Load());
        var entries = shown.SelectMany(section => section.Entries).ToList();
        var text = string.Join('\n', entries.Select(entry => $"{entry.Key} = {entry.Value}"));
        Assert.DoesNotContain("S3CRET", text);
        Assert.DoesNotContain("5ec3e7", text);

        // Each is said to be set; the hash of a token is one more.
        Assert.Equal(Full.Split('\n').Count(line => line.Contains("S3CRET", StringComparison.Ordinal)) + 1, entries.Count(entry => entry.IsSecret));
        Assert.All(entries.Where(entry => entry.IsSecret), entry => Assert.Null(entry.Value));
    }

    [Fact]
    public void What_is_set_and_what_is_default_is_told_apart()
    {
        var all = LoadedConfiguration.Of(Load());
        var entries = all.SelectMany(section => section.Entries).ToDictionary(entry => entry.Key);
        Assert.Equal(("[\"localhost\", \"other.example\"]", false), (entries["general.hosts"].Value, entries["general.hosts"].IsDefault));
        Assert.Equal(("5222", false), (entries["listen.c2s[0].port"].Value, entries["listen.c2s[0].port"].IsDefault));
        Assert.True(entries["listen.c2s[0].max_stanza_size"].IsDefault);
        Assert.Equal("\"turn.other.example\"", entries["host_config \"other.example\" modules.mod_extdisco.service[0].host"].Value);
        Assert.Equal("2027-01-31T12:00:00+00:00", entries["listen.http[0].handlers.mongoose_graphql_handler[0].tokens[0].expires"].Value);
        Assert.Contains(all, section => section.Name == "modules.mod_muc");
        Assert.DoesNotContain(all, section => section.Name.StartsWith("host_config \"localhost\"", StringComparison.Ordinal)); // it has what the file's own sections say
    }

    // RFC 3986 §3.2.1
    [Fact]
    public void What_stands_before_the_host_of_an_address_is_not_shown()
    {
        var entries = ConfigListing.Of(new Address { Url = "https://me:S3CRET@host/path?a@b", Other = "user@host" }, "a");
        Assert.Equal(["\"https://***@host/path?a@b\"", "\"user@host\""], entries.Select(entry => entry.Value));
    }

    // A record that forgets to say so would show its secret: whatever sounds like one has to.
    [Fact]
    public void Every_option_that_sounds_like_a_secret_is_one()
    {
        string[] innocent = ["PasswordFile", "SecretFile", "CertFile", "KeyFile", "UsernameKey", "AccessKeyId", "PasswordProtected", "Keyspace", "InternalKey"];
        var assemblies = new[] { "Meerkat.Core", "Meerkat.Connections", "Meerkat.Modules", "meerkat" }.Select(Assembly.Load);
        var open = assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.Name.EndsWith("Options", StringComparison.Ordinal))
            .SelectMany(type => type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(property => property.PropertyType == typeof(string) && !innocent.Contains(property.Name) && !property.IsDefined(typeof(SecretAttribute)))
            .Where(property => new[] { "Password", "Secret", "Token", "Key", "BasicAuth", "Sha256", "Credential" }.Any(word => property.Name.Contains(word, StringComparison.Ordinal)))
            .Select(property => $"{property.DeclaringType!.Name}.{property.Name}");
        Assert.Equal([], open);
    }

    private static MeerkatConfiguration Load()
    {
        var errors = new ConfigErrors();
        var text = Full.Replace("FILE", typeof(LoadedConfigurationTests).Assembly.Location.Replace('\\', '/'), StringComparison.Ordinal);
        var configuration = ConfigurationLoader.Load(new ConfigurationSource("test.toml", Encoding.UTF8.GetBytes(text)), ModulesHere.Options, allowMissing: false, errors);
        Assert.True(configuration is not null, string.Join('\n', errors.All.Select(problem => $"{problem}")));
        return configuration;
    }

    private sealed record Address
    {
        public string Url { get; init; } = "";

        public string Other { get; init; } = "";
    }
}
