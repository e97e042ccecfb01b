using System.Collections;
using System.Globalization;
using Meerkat.Server.Configuration;
using Xunit;

namespace Meerkat.Server.Tests.Configuration;

/// <summary>CONF-049 to CONF-112, row by row: a key's default, a value of it, and what it does not take.</summary>
public sealed class ConfigurationRowTests
{
    private const string General = "[general]\nhosts = [\"a.example\"]\ndefault_server_domain = \"a.example\"\n";
    private const string C2s = Loading.Minimal + "[shaper.fast]\nmax_rate = 1\n[[listen.c2s]]\nport = 5222\n";
    private const string Http = Loading.Minimal + "[[listen.http]]\nport = 5280\n";
    private const string WebSocket = Http + "[[listen.http.handlers.mongoose_websocket_handler]]\nhost = \"_\"\npath = \"/ws\"\n";
    private const string GraphQL = Http + "[[listen.http.handlers.mongoose_graphql_handler]]\nhost = \"_\"\npath = \"/api\"\nschema_endpoint = \"admin\"\n";
    private const string AdminApi = Http + "[[listen.http.handlers.mongoose_admin_api]]\nhost = \"_\"\npath = \"/api\"\n";
    private const string ClientApi = Http + "[[listen.http.handlers.mongoose_client_api]]\nhost = \"_\"\npath = \"/api\"\n";
    private const string Auth = Loading.Minimal + "[auth]\n";

    private static readonly Func<MeerkatConfiguration, Connections.Clients.ClientListenerOptions> s_c2s = loaded => loaded.Listen.C2s.Single();
    private static readonly Func<MeerkatConfiguration, Connections.Http.HttpListenerOptions> s_http = loaded => loaded.Listen.Http.Single();
    private static readonly Func<MeerkatConfiguration, Core.Accounts.AuthOptions> s_auth = loaded => loaded.HostTypes["a.example"].Auth;

    // Row and key; what stands before it; the key with a value; where it is found; its default; the value.
    public static TheoryData<string, string, string, Func<MeerkatConfiguration, object?>, string, string> Served => new()
    {
        { "CONF-049 loglevel", General, "loglevel = \"debug\"", loaded => loaded.General.LogLevel, "Warning", "Debug" },
        { "CONF-050 hosts", "[general]\ndefault_server_domain = \"a.example\"\nhost_types = [\"t\"]\n", "hosts = [\"b.example\", \"C.example\"]", loaded => loaded.General.Hosts, "", "b.example c.example" },
        { "CONF-051 host_types", General, "host_types = [\"free\"]", loaded => loaded.General.HostTypes, "", "free" },
        { "CONF-053 language", General, "language = \"de\"", loaded => loaded.General.Language, "en", "de" },
        { "CONF-055 registration_timeout", General, "registration_timeout = 5", loaded => loaded.General.RegistrationTimeout, "600 s", "5 s" },
        { "CONF-055 registration_timeout", General, "registration_timeout = \"infinity\"", loaded => loaded.General.RegistrationTimeout, "600 s", "none" },
        { "CONF-056 hide_service_name", General, "hide_service_name = true", loaded => loaded.General.HideServiceName, "False", "True" },
        { "CONF-060 replaced_wait_timeout", General, "replaced_wait_timeout = 9", loaded => loaded.HostTypes["a.example"].ReplacedWaitTimeout, "2 s", "0.009 s" },
        { "CONF-063 http_server_name", General, "http_server_name = \"x\"", loaded => loaded.General.HttpServerName, "none", "x" },
        { "CONF-067 proto", C2s, "proto = \"tcp\"", loaded => s_c2s(loaded).Proto, "Tcp", "Tcp" },
        { "CONF-069 backlog", C2s, "backlog = 0", loaded => s_c2s(loaded).Backlog, "1024", "0" },
        { "CONF-070 proxy_protocol", C2s, "proxy_protocol = true", loaded => s_c2s(loaded).ProxyProtocol, "False", "True" },
        { "CONF-071 max_stanza_size; the default is ours", C2s, "max_stanza_size = \"infinity\"", loaded => s_c2s(loaded).MaxStanzaSize, "262144", "none" },
        { "CONF-071 max_stanza_size; the default is ours", C2s, "max_stanza_size = 10000", loaded => s_c2s(loaded).MaxStanzaSize, "262144", "10000" },
        { "CONF-073 shaper", C2s, "shaper = \"fast\"", loaded => s_c2s(loaded).Shaper, "none", "fast" },
        { "CONF-074 max_connections", C2s, "max_connections = 3", loaded => s_c2s(loaded).MaxConnections, "none", "3" },
        { "CONF-075 reuse_port", C2s, "reuse_port = true", loaded => s_c2s(loaded).ReusePort, "False", "True" },
        { "CONF-076 state_timeout", C2s, "state_timeout = 0", loaded => s_c2s(loaded).StateTimeout, "5 s", "0 s" },
        { "CONF-076 state_timeout", C2s, "state_timeout = \"infinity\"", loaded => s_c2s(loaded).StateTimeout, "5 s", "none" },
        { "CONF-077 access", C2s, "access = \"c2s\"", loaded => s_c2s(loaded).Access, "all", "c2s" },
        { "CONF-078 backwards_compatible_session", C2s, "backwards_compatible_session = false", loaded => s_c2s(loaded).BackwardsCompatibleSession, "True", "False" },
        { "CONF-079 allowed_auth_methods", C2s, "allowed_auth_methods = [\"pki\", \"internal\"]", loaded => s_c2s(loaded).AllowedAuthMethods, "none", "Pki Internal" },
        { "CONF-080 tls", C2s, "tls.verify_mode = \"none\"", loaded => s_c2s(loaded).Tls?.Mode, "none", "StartTls" },
        { "CONF-080 tls.mode", C2s, "tls.mode = \"starttls_required\"", loaded => s_c2s(loaded).Tls?.Mode, "none", "StartTlsRequired" },
        { "CONF-089 transport.max_connections", Http, "transport.max_connections = \"infinity\"", loaded => s_http(loaded).Transport.MaxConnections, "1024", "none" },
        { "CONF-090 protocol.compress", Http, "protocol.compress = true", loaded => s_http(loaded).Protocol.Compress, "False", "True" },
        { "CONF-091 tls", Http, "tls.verify_mode = \"none\"", loaded => s_http(loaded).Tls is null ? "plain" : "tls", "plain", "tls" },
        { "CONF-092 handlers", Http, "handlers.health = [{host = \"_\", path = \"/health\"}]", loaded => s_http(loaded).Handlers.InOrder.Select(handler => $"{handler.Host}{handler.Path}"), "", "_/health" },
        { "CONF-094 mongoose_bosh_handler", Http + "[services.service_bosh]\n", "[[listen.http.handlers.mongoose_bosh_handler]]\nhost = \"_\"\npath = \"/http-bind\"", loaded => s_http(loaded).Handlers.Bosh.Select(handler => handler.Path), "", "/http-bind" },
        { "CONF-095 timeout", WebSocket, "timeout = \"infinity\"", loaded => s_http(loaded).Handlers.WebSocket[0].Timeout, "60 s", "none" },
        { "CONF-095 ping_rate", WebSocket, "ping_rate = 10", loaded => s_http(loaded).Handlers.WebSocket[0].PingRate, "none", "0.01 s" },
        { "CONF-095 max_stanza_size; the default is ours", WebSocket, "max_stanza_size = \"infinity\"", loaded => s_http(loaded).Handlers.WebSocket[0].MaxStanzaSize, "262144", "none" },
        { "CONF-095 state_timeout", WebSocket, "state_timeout = 1", loaded => s_http(loaded).Handlers.WebSocket[0].StateTimeout, "5 s", "0.001 s" },
        { "CONF-095 backwards_compatible_session", WebSocket, "backwards_compatible_session = false", loaded => s_http(loaded).Handlers.WebSocket[0].BackwardsCompatibleSession, "True", "False" },
        { "CONF-096 username", GraphQL, "username = \"a\"\npassword = \"b\"", loaded => s_http(loaded).Handlers.GraphQL[0].Username, "none", "a" },
        { "CONF-096 sse_idle_timeout", GraphQL, "sse_idle_timeout = \"infinity\"", loaded => s_http(loaded).Handlers.GraphQL[0].SseIdleTimeout, "3600 s", "none" },
        { "CONF-096, CONF-101 allowed_categories", GraphQL, "allowed_categories = [\"checkAuth\", \"account\", \"domain\", \"last\", \"muc\", \"muc_light\", \"session\", \"stanza\", \"roster\", \"vcard\", \"private\", \"metric\", \"stat\", \"gdpr\", \"mnesia\", \"server\", \"inbox\", \"http_upload\", \"offline\", \"token\"]", loaded => s_http(loaded).Handlers.GraphQL[0].AllowedCategories?.Count, "none", "20" },
        { "CONF-098 mongoose_admin_api", AdminApi, "username = \"a\"\npassword = \"b\"", loaded => s_http(loaded).Handlers.AdminApi[0].Username, "none", "a" },
        { "CONF-099 mongoose_client_api.docs", ClientApi, "docs = false", loaded => s_http(loaded).Handlers.ClientApi[0].Docs, "True", "False" },
        { "CONF-102 methods", Loading.Minimal + "[auth.pki]\n[auth.internal]\n[auth]\n", "methods = [\"pki\", \"internal\"]", loaded => s_auth(loaded).ActiveMethods, "Internal Pki", "Pki Internal" },
        { "CONF-103 sasl_mechanisms", Auth, "sasl_mechanisms = [\"plain\", \"external\"]", loaded => s_auth(loaded).SaslMechanisms, "ScramSha512Plus ScramSha512 ScramSha384Plus ScramSha384 ScramSha256Plus ScramSha256 ScramSha224Plus ScramSha224 ScramSha1Plus ScramSha1 Plain Anonymous Oauth", "Plain External" },
        { "CONF-104 sasl_external", Auth, "sasl_external = [\"common_name\", \"auth_id\"]", loaded => s_auth(loaded).SaslExternal, "Standard", "CommonName AuthId" },
        { "CONF-105 sasl_external_common_name.prefix", Auth, "sasl_external_common_name.prefix = \"x_\"", loaded => s_auth(loaded).SaslExternalCommonName.Prefix, "", "x_" },
        { "CONF-105 sasl_external_common_name.suffix", Auth, "sasl_external_common_name.suffix = \"_y\"", loaded => s_auth(loaded).SaslExternalCommonName.Suffix, "", "_y" },
        { "CONF-106 max_users_per_domain", Auth, "max_users_per_domain = 7", loaded => s_auth(loaded).MaxUsersPerDomain, "none", "7" },
        { "CONF-107 password.format", Auth, "password.format = \"plain\"", loaded => s_auth(loaded).Password.Format, "Scram", "Plain" },
        { "CONF-108 password.hash", Auth, "password.hash = [\"sha512\", \"sha\"]", loaded => s_auth(loaded).Password.Hash, "Sha Sha224 Sha256 Sha384 Sha512", "Sha512 Sha" },
        { "CONF-109 password.scram_iterations", Auth, "password.scram_iterations = 4096", loaded => s_auth(loaded).Password.ScramIterations, "10000", "4096" },
        { "CONF-110 internal", Loading.Minimal, "[auth.internal]", loaded => s_auth(loaded).ActiveMethods, "", "Internal" },
        { "CONF-112 anonymous.protocol", Loading.Minimal + "[auth.anonymous]\n", "protocol = \"both\"", loaded => s_auth(loaded).Anonymous?.Protocol, "SaslAnon", "Both" },
        { "CONF-112 anonymous.allow_multiple_connections", Loading.Minimal + "[auth.anonymous]\n", "allow_multiple_connections = true", loaded => s_auth(loaded).Anonymous?.AllowMultipleConnections, "False", "True" },
        { "CONF-112 anonymous.backend", Loading.Minimal + "[auth.anonymous]\n", "backend = \"mnesia\"", loaded => s_auth(loaded).Anonymous?.Backend, "Mnesia", "Mnesia" },
    };

    // Row and key; what stands before it; the key with a value that it does not take; a part of what is said.
    public static TheoryData<string, string, string, string> Refused => new()
    {
        { "CONF-049", General, "loglevel = \"loud\"", "general.loglevel: must be one of \"none\", \"emergency\", \"alert\", \"critical\", \"error\", \"warning\", \"notice\", \"info\", \"debug\", \"all\"" },
        { "CONF-050", "[general]\ndefault_server_domain = \"a.example\"\n", "hosts = [\"a b\"]", "general.hosts" },
        { "CONF-051", General, "host_types = [\"\"]", "general.host_types" },
        { "CONF-052", "[general]\nhosts = [\"a.example\"]\n", "", "general.default_server_domain: must be given" },
        { "CONF-052", "[general]\nhosts = [\"a.example\"]\n", "default_server_domain = \"a b\"", "general.default_server_domain" },
        { "CONF-053", General, "language = \"\"", "general.language" },
        { "CONF-054", General, "rdbms_server_type = \"pgsql\"", "general.rdbms_server_type" },
        { "CONF-055", General, "registration_timeout = 0", "general.registration_timeout" },
        { "CONF-056", General, "hide_service_name = \"yes\"", "general.hide_service_name: must be true or false" },
        { "CONF-057", General, "sm_backend = \"rdbms\"", "general.sm_backend: must be one of \"mnesia\", \"cets\", \"redis\"" },
        { "CONF-058", General, "s2s_backend = \"redis\"", "general.s2s_backend" },
        { "CONF-059", General, "component_backend = \"redis\"", "general.component_backend" },
        { "CONF-060", General, "replaced_wait_timeout = 0", "general.replaced_wait_timeout" },
        { "CONF-062", General, "routing_modules = [\"mongoose_router_nowhere\"]", "general.routing_modules" },
        { "CONF-064", Loading.Minimal, "[[listen.c2s]]", "listen.c2s.port: must be given" },
        { "CONF-064", Loading.Minimal, "[[listen.c2s]]\nport = 65536", "listen.c2s.port" },
        { "CONF-067", C2s, "proto = \"udp\"", "listen.c2s.proto" },
        { "CONF-068", C2s, "hibernate_after = -1", "listen.c2s.hibernate_after" },
        { "CONF-069", C2s, "backlog = -1", "listen.c2s.backlog" },
        { "CONF-070", C2s, "proxy_protocol = 1", "listen.c2s.proxy_protocol" },
        { "CONF-071; RFC 6120 §13.12", C2s, "max_stanza_size = 9999", "listen.c2s.max_stanza_size" },
        { "CONF-072", C2s, "num_acceptors = 0", "listen.c2s.num_acceptors" },
        { "CONF-073", C2s, "shaper = \"fsat\"", "listen.c2s.shaper: names \"fsat\", which is not under [shaper]" },
        { "CONF-074", C2s, "max_connections = 0", "listen.c2s.max_connections" },
        { "CONF-075", C2s, "reuse_port = \"x\"", "listen.c2s.reuse_port" },
        { "CONF-076", C2s, "state_timeout = -1", "listen.c2s.state_timeout" },
        { "CONF-077", C2s, "access = \"\"", "listen.c2s.access" },
        { "CONF-078", C2s, "backwards_compatible_session = 1", "listen.c2s.backwards_compatible_session" },
        { "CONF-079", C2s, "allowed_auth_methods = [\"pki\", \"pki\"]", "listen.c2s.allowed_auth_methods: names the same twice" },
        { "CONF-080", C2s, "tls.mode = \"later\"", "listen.c2s.tls.mode" },
        { "CONF-088", Http, "transport.num_acceptors = 0", "listen.http.transport.num_acceptors" },
        { "CONF-089", Http, "transport.max_connections = -1", "listen.http.transport.max_connections" },
        { "CONF-090", Http, "protocol.compress = 1", "listen.http.protocol.compress" },
        { "CONF-092", Http, "handlers.health = [{host = \"_\"}]", "listen.http.handlers.health.path: must be given" },
        { "CONF-092", Http, "handlers.health = [{path = \"/h\"}]", "listen.http.handlers.health.host: must be given" },
        { "CONF-092", Http, "handlers.health = [{host = \"_\", path = \"h\"}]", "must be a path that begins with \"/\"" },
        { "CONF-094", Http, "handlers.mod_bosh = [{host = \"_\", path = \"/h\"}]", "mongoose_bosh_handler" },
        { "CONF-095", Http, "handlers.mod_websockets = [{host = \"_\", path = \"/h\"}]", "mongoose_websocket_handler" },
        { "CONF-095", WebSocket, "ping_rate = 0", "ping_rate" },
        { "CONF-096", Http, "handlers.mongoose_graphql_handler = [{host = \"_\", path = \"/h\"}]", "schema_endpoint: must be given" },
        { "CONF-096", GraphQL, "username = \"a\"", "listen.http.handlers.mongoose_graphql_handler" },
        { "CONF-096", GraphQL, "allowed_categories = []", "allowed_categories" },
        { "CONF-101", GraphQL, "allowed_categories = [\"everything\"]", "allowed_categories" },
        { "CONF-098", AdminApi, "handlers = [\"everything\"]", "handlers" },
        { "CONF-099", ClientApi, "handlers = [\"everything\"]", "handlers" },
        { "CONF-100", Http, "handlers.nobody = [{host = \"_\", path = \"/h\"}]", "listen.http.handlers.nobody: unknown key" },
        { "CONF-102", Auth, "methods = [\"telepathy\"]", "auth.methods" },
        { "CONF-103", Auth, "sasl_mechanisms = [\"scram_sha3\"]", "auth.sasl_mechanisms" },
        { "CONF-104", Auth, "sasl_external = [\"face\"]", "auth.sasl_external" },
        { "CONF-105", Auth, "sasl_external_common_name.prefix = \"a b\"", "auth.sasl_external_common_name.prefix" },
        { "CONF-106", Auth, "max_users_per_domain = 0", "auth.max_users_per_domain" },
        { "CONF-107", Auth, "password.format = \"md5\"", "auth.password.format" },
        { "CONF-108", Auth, "password.hash = []", "auth.password.hash" },
        { "CONF-108", Auth, "password.hash = [\"sha\", \"sha\"]", "auth.password.hash: names the same twice" },
        { "CONF-109", Auth, "password.scram_iterations = 0", "auth.password.scram_iterations" },
        { "CONF-110", Loading.Minimal + "[auth.internal]\n", "x = 1", "auth.internal.x: unknown key" },
        { "CONF-111", Auth, "rdbms.users_number_estimate = 1", "auth.rdbms.users_number_estimate" },
        { "CONF-112", Loading.Minimal + "[auth.anonymous]\n", "protocol = \"none\"", "auth.anonymous.protocol" },
    };

    // Accepted, checked, and said to be without effect.
    public static TheoryData<string, string, string> WithoutEffect => new()
    {
        { "CONF-058", General + "s2s_backend = \"cets\"", "general.s2s_backend" },
        { "CONF-059", General + "component_backend = \"cets\"", "general.component_backend" },
        { "CONF-062", General + "routing_modules = [\"mongoose_router_global\", \"mongoose_router_localdomain\", \"mongoose_router_external_localnode\", \"mongoose_router_external\", \"mongoose_router_dynamic_domains\", \"ejabberd_s2s\"]", "general.routing_modules" },
        { "CONF-068", C2s + "hibernate_after = \"infinity\"", "listen.c2s.hibernate_after" },
        { "CONF-072", C2s + "num_acceptors = 10", "listen.c2s.num_acceptors" },
        { "CONF-088", Http + "transport.num_acceptors = 10", "listen.http.transport.num_acceptors" },
    };

    // Refused unless --allow-missing is given.
    public static TheoryData<string, string, string> Missing => new()
    {
        { "CONF-061", General + "route_subdomains = \"s2s\"", "general.route_subdomains" },
        { "CONF-081", Loading.Minimal + "[[listen.s2s]]\nport = 5269\ntls.mode = \"starttls\"", "listen.s2s" },
        { "CONF-082 to CONF-087", Loading.Minimal + "[[listen.component]]\nport = 8888\npassword = \"secret\"\naccess = \"all\"\ncheck_from = true\nhidden_components = true\nconflict_behaviour = \"kick_old\"\ntls.mode = \"tls\"", "listen.component" },
        { "CONF-103 digest", Auth + "sasl_mechanisms = [\"plain\", \"digest\"]", "auth.sasl_mechanisms" },
    };

    [Theory]
    [MemberData(nameof(Served), DisableDiscoveryEnumeration = true)]
    public void A_key_has_its_default_and_takes_its_values(string row, string before, string line, Func<MeerkatConfiguration, object?> read, string absent, string given)
    {
        Assert.True(absent == Show(read(Loading.Of(before).Accepted)), $"{row}: {Show(read(Loading.Of(before).Accepted))}");
        Assert.True(given == Show(read(Loading.Of(before + line).Accepted)), $"{row}: {Show(read(Loading.Of(before + line).Accepted))}");
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_a_key_does_not_take_is_refused(string row, string before, string line, string said)
    {
        var loading = Loading.Of(before + line);

        Assert.Null(loading.Result);
        Assert.True(loading.Said.Contains(said, StringComparison.Ordinal), $"{row}: {loading.Said}");
    }

    [Theory]
    [MemberData(nameof(WithoutEffect))]
    public void A_key_without_effect_is_accepted_and_said(string row, string toml, string key)
    {
        var notices = Loading.Of(toml).Accepted.Notices;

        Assert.True(notices is [var one] && one.Key == key, $"{row}: {string.Join('\n', notices)}");
    }

    [Theory]
    [MemberData(nameof(Missing))]
    public void What_is_not_here_is_refused_and_can_be_left_out(string row, string toml, string key)
    {
        var refused = Loading.Of(toml);
        Assert.True(refused.Result is null && refused.Errors.Errors is [] && refused.Errors.Missing is [var one] && one.Key == key, $"{row}: {refused.Said}");

        Assert.Equal(key, Assert.Single(Loading.Of(toml, allowMissing: true).Accepted.Notices).Key);
    }

    private static string Show(object? value) => value switch
    {
        null => "none",
        string text => text,
        TimeSpan time => $"{time.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s",
        IEnumerable list => string.Join(' ', list.Cast<object>()),
        _ => value.ToString()!,
    };
}
