using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Modules.Roster;
using Xunit;

namespace Meerkat.Server.Tests.Configuration;

/// <summary>CONF-003 to CONF-048: the whole file.</summary>
public sealed class ConfigurationLoaderTests
{
    [Fact]
    public void Sections_that_are_absent_have_their_defaults() // CONF-003, CONF-006
    {
        var loaded = Loading.With("").Accepted;
        Assert.Empty(loaded.Listen.C2s);
        Assert.Equal(["a.example", "b.example"], loaded.HostTypes.Keys.Order());
        var host = loaded.HostTypes["a.example"];
        Assert.Empty(host.Auth.ActiveMethods); // AUTH-002
        Assert.Equal(5, host.Auth.Password.Hash.Count);
        Assert.Equal(TimeSpan.FromSeconds(2), host.ReplacedWaitTimeout);
        Assert.Empty(host.Modules.All);
        Assert.Empty(loaded.Notices);
    }

    [Fact]
    public void General_is_mandatory() => // CONF-003
        Assert.Equal("missing_mandatory_keys", Loading.Of("").TheError("t.toml:1:1: general: must be given: a table"));

    [Fact]
    public void A_host_is_needed() => // CONF-022
        Assert.Equal("no_hosts", Loading.Of("[general]\ndefault_server_domain = \"a.example\"").TheError("t.toml:1:2: general.hosts: must name at least one domain, or host_types one host type"));

    [Fact]
    public void A_host_may_be_named_once() => // CONF-022
        Assert.Equal("list_not_unique", Loading.Of("general = {hosts = [\"a.example\", \"A.example\"], default_server_domain = \"a.example\"}")
            .TheError("t.toml:1:34: general.hosts: names the same twice: the string \"A.example\""));

    [Fact]
    public void Hosts_are_prepared() => // CORE-003
        Assert.Equal(["straße.example".Replace("ß", "ss", StringComparison.Ordinal)], Loading.Of("general = {hosts = [\"Straße.EXAMPLE\"], default_server_domain = \"a.example\"}").Accepted.General.Hosts);

    [Fact]
    public void An_unknown_section_is_an_error() => // CONF-007
        Assert.Equal("unexpected_key", Loading.With("[modlues.mod_roster]").TheError("t.toml:2:2: modlues: unknown key; did you mean \"modules\"?"));

    [Fact]
    public void Two_listeners_on_one_port_are_an_error() => // CONF-023, CORE-005
        Assert.Equal("duplicate_listeners", Loading.With("[[listen.c2s]]\nport = 5222\n[[listen.http]]\nport = 5222\n")
            .TheError("t.toml:4:3: listen.http: listens on 0.0.0.0:5222, as the listener at t.toml:2:3 does"));

    [Fact]
    public void Listeners_on_other_addresses_or_on_any_free_port_are_not() =>
        Assert.Equal(4, Loading.With("[[listen.c2s]]\nport = 5222\n[[listen.c2s]]\nport = 5222\nip_address = \"127.0.0.1\"\n[[listen.c2s]]\nport = 0\n[[listen.c2s]]\nport = 0").Accepted.Listen.C2s.Count);

    [Fact]
    public void A_version_that_is_not_that_of_the_address_is_an_error() => // CONF-066
        Loading.With("[[listen.c2s]]\nport = 1\nip_address = \"::\"\nip_version = 4").TheError("t.toml:5:1: listen.c2s.ip_version: is 4, but ip_address is \"::\"");

    [Fact]
    public void Version_six_listens_everywhere_on_it() => // CONF-065
        Assert.Equal("[::]:1", Loading.With("[[listen.c2s]]\nport = 1\nip_version = 6").Accepted.Listen.C2s[0].EndPoint.ToString());

    [Fact] // CONF-017, CONF-025: one mistake is one error
    public void A_shaper_with_a_mistake_in_it_is_not_said_to_be_missing_as_well()
    {
        var errors = Loading.With("[[listen.c2s]]\nport = 1\nshaper = \"slow\"\n[shaper.slow]\nmax_rate = 0").Errors.Errors;
        Assert.Equal("shaper.slow.max_rate", Assert.Single(errors).Key);
    }

    [Fact] // CONF-147
    public void Sessions_in_redis_need_its_pool()
    {
        const string General = "general = {hosts = [\"a.example\"], default_server_domain = \"a.example\", sm_backend = \"redis\"}\n[auth.internal]\n";
        Assert.Equal("pool_not_configured", Loading.Of(General).TheError("t.toml:1:72: general.sm_backend: needs the pool [outgoing_pools.redis.default]"));
        var pool = Loading.Of(General + "[outgoing_pools.redis.default]\nconnection.tls.verify_mode = \"none\"").Accepted.Pools.Redis["default"];
        Assert.Equal(("127.0.0.1", 6379, 0, 5000.0), (pool.Connection.Host, pool.Connection.Port, pool.Connection.Database, pool.CallTimeout.TotalMilliseconds));
        Assert.NotNull(pool.Connection.Tls);
    }

    [Theory]
    [InlineData("[auth]\nmethods = [\"internal\"]", "t.toml:3:1: auth.methods: names \"internal\", which has no section; write [auth.internal]", "missing_section_for_auth_method")] // CONF-024
    [InlineData("[[listen.c2s]]\nport = 1\nshaper = \"fsat\"\n[shaper.fast]\nmax_rate = 1", "t.toml:4:1: listen.c2s.shaper: names \"fsat\", which is not under [shaper]; there are \"fast\", \"none\"", "undefined_shapers")] // CONF-025
    [InlineData("[[listen.c2s]]\nport = 1\ntls.certfile = \"/nowhere\"\ntls.keyfile = \"/dev/null\"", "t.toml:4:1: listen.c2s.tls.certfile: must be the name of a file that exists and can be read; found the string \"/nowhere\"", "invalid_value")]
    [InlineData("[[listen.c2s]]\nport = 1\ntls.certfile = \"/dev/null\"", "t.toml:4:1: listen.c2s.tls.certfile: needs the key \"keyfile\" beside it", "tls_certfile_without_keyfile")] // CONF-027
    [InlineData("[[listen.http]]\nport = 1\ntls.mode = \"tls\"", "t.toml:4:1: listen.http.tls.mode: unknown key; allowed here: cacertfile, certfile, ciphers, crl_files, dhfile, disconnect_on_failure, early_data, keep_secrets, keyfile, password, session_tickets, verify_mode, versions", "unexpected_key")] // CONF-091
    [InlineData("[outgoing_pools.rdbms.default]\nstrategy = \"random_worker\"\nmax_worker_queue_len = 1\nconnection = {driver = \"sqlite\", path = \"x.db\"}", "is only allowed with strategy = \"best_worker\"", "invalid_worker_pool_strategy_option")] // CONF-028
    [InlineData("[outgoing_pools.rdbms.default]\nconnection = {driver = \"pgsql\", host = \"db\", database = \"x\", username = \"x\"}", "outgoing_pools.rdbms.default.connection.password: must be given with this driver: the key \"password\" is missing", "invalid_rdbms_connection_options")] // CONF-031
    [InlineData("[outgoing_pools.rdbms.default]\nconnection = {driver = \"sqlite\"}", "outgoing_pools.rdbms.default.connection.path: must be given with driver = \"sqlite\"", "invalid_rdbms_connection_options")]
    [InlineData("[outgoing_pools.rdbms.default]\nconnection = {driver = \"sqlite\", path = \"x.db\", host = \"db\"}", "outgoing_pools.rdbms.default.connection.host: is not allowed with driver = \"sqlite\", which is a file", "invalid_rdbms_connection_options")]
    [InlineData("[outgoing_pools.redis.default]\nstrategy = \"available_worker\"", "outgoing_pools.redis.default.strategy: cannot be \"available_worker\" for Redis", "wrong_strategy_for_redis")] // CONF-147
    [InlineData("[[host_config]]\nhost = \"a.example\"\n[host_config.outgoing_pools.redis.default]\nconnection = {host = \"x\"}", "the table of sessions is the whole server's", "not_allowed_in_host_config")]
    [InlineData("[internal_databases.cets]\n", "t.toml:1:1: general.sm_backend: is \"mnesia\", which [internal_databases] does not switch on; write [internal_databases.mnesia]", "backend_requires_internal_database")] // CONF-030
    [InlineData("[modules.mod_stream_management]\nbackend = \"cets\"", "t.toml:3:1: modules.mod_stream_management.backend: is \"cets\", which [internal_databases] does not switch on; write [internal_databases.cets]", "backend_requires_internal_database")]
    [InlineData("[auth.anonymous]\nbackend = \"cets\"", "t.toml:3:1: auth.anonymous.backend: is \"cets\", which [internal_databases] does not switch on; write [internal_databases.cets]", "backend_requires_internal_database")]
    [InlineData("[modules.mod_roster]\nbackend = \"rdbms\"", "t.toml:3:1: modules.mod_roster.backend: needs the pool [outgoing_pools.rdbms.default]", "pool_not_configured")] // CONF-036
    [InlineData("[auth.rdbms]", "t.toml:2:2: auth.rdbms: needs the pool [outgoing_pools.rdbms.default]", "pool_not_configured")]
    [InlineData("[[listen.http]]\nport = 1\n[[listen.http.handlers.mongoose_prometheus_handler]]\nhost = \"_\"\npath = \"/metrics\"", "t.toml:4:3: listen.http.handlers.mongoose_prometheus_handler: needs the section [instrumentation.prometheus]", "prometheus_not_enabled")] // CONF-097
    [InlineData("[[listen.http]]\nport = 1\n[[listen.http.handlers.mongoose_bosh_handler]]\nhost = \"_\"\npath = \"/http-bind\"", "t.toml:4:3: listen.http.handlers.mongoose_bosh_handler: needs the section [services.service_bosh]", "bosh_not_enabled")] // CORE-258
    [InlineData("[services.service_bosh]\nhost_types = [\"c.example\"]", "services.service_bosh.host_types: names \"c.example\", which is in neither general.hosts nor general.host_types", "unknown_host_types")] // CONF-186
    [InlineData("[modules.mod_host_meta]", "modules.mod_host_meta: needs a listener that serves it: add [[listen.http.handlers.modules]] with host = \"_\" and path = \"/\"", "modules_not_served")]
    [InlineData("[modules.mod_http_upload]\nbackend = \"s3\"", "modules.mod_http_upload.backend: is \"s3\", which needs the table \"s3\"", "missing_mandatory_keys")] // CONF-241
    [InlineData("[[host_config]]\nhost = \"a.example\"\n[host_config.general]\nloglevel = \"debug\"", "t.toml:5:1: host_config.general.loglevel: is not allowed in host_config: the whole server has one", "not_allowed_in_host_config")] // CONF-032
    [InlineData("[[host_config]]\nhost = \"a.example\"\n[host_config.outgoing_pools.rdbms.default]\nscope = \"global\"\nconnection = {driver = \"sqlite\", path = \"x.db\"}", "t.toml:5:1: host_config.outgoing_pools.rdbms.default.scope: is not allowed in host_config: the pool is the host's own", "not_allowed_in_host_config")] // CONF-045
    [InlineData("[[host_config]]\nhost = \"c.example\"", "t.toml:3:1: host_config: names \"c.example\", which is in neither general.hosts nor general.host_types", "unknown_host")] // CONF-038
    [InlineData("[[host_config]]\nhost = \"a.example\"\n[[host_config]]\nhost_type = \"a.example\"", "t.toml:5:1: host_config: names \"a.example\" a second time; the first is at t.toml:3:1", "duplicate_host_config")]
    [InlineData("[[host_config]]\n", "needs exactly one of the keys \"host\" and \"host_type\"", "missing_mandatory_keys")]
    [InlineData("[modules.mod_rooster]", "t.toml:2:2: modules.mod_rooster: unknown module; did you mean \"mod_roster\"?", "unexpected_key")]
    [InlineData("[modules.mod_jingle_sip]", "t.toml:2:2: modules.mod_jingle_sip: is no longer a module: removed in 6.7 (CONF-309)", "unexpected_key")] // CONF-311
    [InlineData("[general_]\n", "t.toml:2:2: general_: unknown key; did you mean \"general\"?", "unexpected_key")]
    [InlineData("[shaper.slow]\nmaxrate = 1\nmax_rate = 1", "t.toml:3:1: shaper.slow.maxrate: unknown key; did you mean \"max_rate\"?", "unexpected_key")] // CONF-200
    [InlineData("[access]\nc2s = [{acl = \"all\"}]", "t.toml:3:8: access.c2s.value: must be given: \"allow\", \"deny\", an integer, or the name of a shaper", "missing_mandatory_keys")] // CONF-202
    [InlineData("[acl]\nx = [{user = \"a b\"}]", "must be text that could stand in a localpart (it is compared in lower case); found the string \"a b\"", "incorrect_acl_condition_value")] // CONF-203
    [InlineData("[acl]\nx = [{user_regexp = \"(\"}]", "must be a regular expression of characters", "incorrect_acl_condition_value")]
    public void Each_mistake_is_named_with_its_place_and_what_is_allowed(string toml, string said, string reason)
    {
        var loading = Loading.With(toml);
        var error = Assert.Single(loading.Errors.All, p => p.Kind is not Core.Configuration.ConfigProblemKind.NoEffect);
        Assert.Contains(said, error.ToString(), StringComparison.Ordinal);
        Assert.Equal(reason, error.Reason);
        Assert.Null(loading.Result);
    }

    [Fact]
    public void Everything_wrong_is_said_at_once_in_file_order() // CONF-017
    {
        var loading = Loading.Of("[general]\nhosts = [\"a.example\"]\ndefault_server_domain = 5\nlanguage = \"\"\n[[listen.c2s]]\nport = -1\nprot = 2\n[auth]\nmethods = [\"intern\"]\n[shaper.x]\n");
        Assert.Equal(
            ["general.default_server_domain", "general.language", "listen.c2s.port", "listen.c2s.prot", "auth.methods", "shaper.x.max_rate"],
            loading.Errors.Errors.Select(e => e.Key));
        Assert.Equal([3, 4, 6, 7, 9, 10], loading.Errors.Errors.Select(e => e.Position.Line));
    }

    [Fact] // CONF-017: siblings of what is wrong are looked at
    public void A_general_section_that_is_of_no_use_hides_no_mistake_elsewhere()
    {
        const string Others = "[[listen.c2s]]\nport = 1\nshaper = \"nope\"\n[modules.mod_rooster]\n[modules.mod_roster]\nversioning = \"yes\"\nbackend = \"rdbms\"\n[[host_config]]\nhost = \"b.example\"\n[host_config.modules.mod_pinng]\n";
        string[] others = ["listen.c2s.shaper", "modules.mod_rooster", "modules.mod_roster.versioning", "modules.mod_roster.backend", "host_config.modules.mod_pinng"];
        Assert.Equal(["general", .. others], Loading.Of(Others).Errors.Errors.Select(e => e.Key));
        Assert.Equal(["general.default_server_domain", .. others], Loading.Of("[general]\ndefault_server_domain = 5\n" + Others).Errors.Errors.Select(e => e.Key));

        // Where the hosts can be read, they count.
        Assert.Equal(
            ["general.default_server_domain", .. others[..4], "host_config", others[4]],
            Loading.Of("[general]\nhosts = [\"a.example\"]\ndefault_server_domain = 5\n" + Others).Errors.Errors.Select(e => e.Key));
    }

    [Fact] // CONF-037, CONF-038, CONF-051
    public void A_host_type_is_configured_as_a_host_is()
    {
        const string Toml = "[general]\nhosts = [\"a.example\"]\nhost_types = [\"dynamic\"]\ndefault_server_domain = \"a.example\"\n[[host_config]]\nhost_type = \"dynamic\"\n[host_config.modules.mod_roster]\n[services.service_domain_db]\n";
        var types = Loading.Of(Toml).Accepted.HostTypes;
        Assert.Equal(["a.example", "dynamic"], types.Keys.Order());
        Assert.Equal((false, true), (types["a.example"].IsDynamic, types["dynamic"].IsDynamic));
        Assert.Equal(["mod_roster"], types["dynamic"].Modules.All.Select(module => module.Name));
        Assert.Equal(["host_config.modules.mod_pubsub"], Loading.Of(Toml + "[[host_config]]\nhost_type = \"a.example\"\n[host_config.modules.mod_pubsub]\n").Errors.Missing.Select(m => m.Key));
    }

    [Fact] // CONF-022: host types alone are enough, and no name stands for both
    public void A_server_may_have_host_types_alone()
    {
        const string Toml = "[general]\nhost_types = [\"dynamic\"]\ndefault_server_domain = \"a.example\"\n[[host_config]]\nhost_type = \"dynamic\"\n";
        Assert.Empty(Loading.Of(Toml).Accepted.General.Hosts);
        Assert.Equal(
            "duplicate_host",
            Loading.Of("[general]\nhosts = [\"a.example\"]\nhost_types = [\"a.example\"]\ndefault_server_domain = \"a.example\"\n").TheError("t.toml:3:1: general.host_types: names \"a.example\", which is in general.hosts too"));
        Assert.Equal("no_hosts", Loading.Of("[general]\nhosts = []\ndefault_server_domain = \"a.example\"\n").TheError("t.toml:2:1: general.hosts: must name at least one domain, or host_types one host type"));
    }

    [Fact] // CONF-173 to CONF-175
    public void The_service_of_domains_has_its_options_and_a_pool_that_is_there()
    {
        var domains = Loading.With("[services.service_domain_db]\n").Accepted.Services.DomainDb!;
        Assert.Equal(("global", 1800.0, 7200.0, 30.0), (domains.DbPool, domains.EventCleaningInterval.TotalSeconds, domains.EventMaxAge.TotalSeconds, domains.EventPollingInterval.TotalSeconds));
        Assert.Equal("unknown_host_types", Loading.With("[services.service_domain_db]\ndb_pool = \"nosuch\"").TheError("t.toml:3:1: services.service_domain_db.db_pool: is neither \"global\" nor in general.hosts or general.host_types: \"nosuch\""));
        Assert.Equal("pool_not_configured", Loading.With("[services.service_domain_db]\ndb_pool = \"b.example\"").TheError("t.toml:3:1: services.service_domain_db.db_pool: needs the pool [outgoing_pools.rdbms.default]"));
        Assert.Null(Loading.With("[services]\n").Accepted.Services.DomainDb);
        foreach (var key in (string[])["event_cleaning_interval", "event_max_age", "event_polling_interval"])
        {
            Assert.Single(Loading.With($"[services.service_domain_db]\n{key} = 0").Errors.Errors);
        }
    }

    [Fact]
    public void Rules_and_classes_that_nobody_defined_are_no_errors() => // CONF-035
        Assert.Equal("nobody", Loading.With("[[listen.c2s]]\nport = 1\naccess = \"nobody\"\n[access]\nx = [{acl = \"unknown\", value = \"allow\"}]").Accepted.Listen.C2s[0].Access);

    [Fact]
    public void Keys_that_only_tune_are_accepted_checked_and_listed_once() // architecture §4
    {
        var loading = Loading.With("[[listen.c2s]]\nport = 1\nnum_acceptors = 10\nhibernate_after = \"infinity\"\n[[listen.c2s]]\nport = 2\nnum_acceptors = 10\n"
            + "[modules.mod_roster]\niqdisc.type = \"parallel\"\n[services.service_mongoose_system_metrics]\nreport = false\n");
        Assert.Equal(
            ["listen.c2s.num_acceptors", "listen.c2s.hibernate_after", "modules.mod_roster.iqdisc", "services.service_mongoose_system_metrics"],
            loading.Accepted.Notices.Select(n => n.Key));
        Assert.Equal(
            ["t.toml:4:1: listen.c2s.num_acceptors: must be an integer, at least 1; found the integer 0"],
            Loading.With("[[listen.c2s]]\nport = 1\nnum_acceptors = 0").Errors.Errors.Select(e => e.ToString()));
        Assert.Single(Loading.With("[services.service_mongoose_system_metrics]\nreprot = false\n").Errors.Errors);
    }

    [Fact]
    public void Capabilities_that_are_not_here_are_refused_all_at_once_unless_that_is_allowed() // architecture §4
    {
        const string Toml = "[[listen.c2s]]\nport = 1\ntls.dhfile = \"dh.pem\"\n[[listen.s2s]]\nport = 2\n[modules.mod_pubsub]\nhost = \"pubsub.@HOST@\"\n[modules.mod_roster]\n"
            + "[outgoing_pools.rdbms.default]\nconnection = {driver = \"cockroachdb\", host = \"db\"}\n[auth]\nmethods = [\"ldap\", \"internal\"]\n[auth.internal]\n[auth.ldap]\n";
        var refused = Loading.With(Toml);
        Assert.Null(refused.Result);
        Assert.Empty(refused.Errors.Errors);
        Assert.Equal(
            ["listen.c2s.tls.dhfile", "listen.s2s", "modules.mod_pubsub", "outgoing_pools.rdbms.default.connection.driver", "auth.methods", "auth.ldap"],
            refused.Errors.Missing.Select(m => m.Key));

        var loaded = Loading.With(Toml, allowMissing: true).Accepted;
        Assert.Equal(6, loaded.Notices.Count);
        Assert.NotNull(Assert.Single(loaded.Listen.C2s).Tls);
        Assert.Empty(loaded.Pools.Rdbms);
        Assert.Equal([AuthMethod.Internal], loaded.HostTypes["a.example"].Auth.ActiveMethods);
        Assert.Equal(["mod_roster"], loaded.HostTypes["a.example"].Modules.All.Select(m => m.Name));
    }

    [Fact]
    public void What_needs_a_database_that_is_not_available_is_left_out_with_it()
    {
        const string Toml = "[outgoing_pools.rdbms.default]\nconnection = {driver = \"cockroachdb\"}\n[auth.internal]\n[auth.rdbms]\n[modules.mod_last]\nbackend = \"rdbms\"\n[modules.mod_roster]\n";
        Assert.Equal(["outgoing_pools.rdbms.default.connection.driver", "auth.rdbms", "modules.mod_last.backend"], Loading.With(Toml).Errors.Missing.Select(m => m.Key));
        var host = Loading.With(Toml, allowMissing: true).Accepted.HostTypes["a.example"];
        Assert.Equal([AuthMethod.Internal], host.Auth.ActiveMethods);
        Assert.Equal(["mod_roster"], host.Modules.All.Select(m => m.Name));
    }

    [Fact] // CONF-128 to CONF-130, CONF-158 to CONF-161
    public void A_cassandra_pool_has_its_defaults()
    {
        var pool = Loading.With("[outgoing_pools.cassandra.default]").Accepted.Pools.Cassandra["default"];
        Assert.Equal((20, TimeSpan.FromSeconds(5), "mongooseim", CassandraConsistency.LocalQuorum), (pool.Workers, pool.CallTimeout, pool.Connection.Keyspace, pool.Connection.Consistency));
        Assert.Equal([new() { Host = "localhost", Port = 9042 }], pool.Connection.Servers);
        Assert.Equal((null, null), (pool.Connection.Auth, pool.Connection.Tls));
    }

    [Theory] // CONF-030, CONF-158, CONF-160, and what mam.md says of user_prefs_store
    [InlineData("[modules.mod_mam]\nbackend = \"cassandra\"\npm = {}", "t.toml:3:1: modules.mod_mam.backend: needs the pool [outgoing_pools.cassandra.default]", "pool_not_configured")]
    [InlineData("[modules.mod_mam]\nmuc = {backend = \"cassandra\"}", "modules.mod_mam.muc.backend: needs the pool [outgoing_pools.cassandra.default]", "pool_not_configured")]
    [InlineData("[outgoing_pools.cassandra.default]\n[modules.mod_mam]\nbackend = \"cassandra\"\nuser_prefs_store = \"rdbms\"\npm = {}", "user_prefs_store: is \"rdbms\", which wants the archives there too", "invalid_user_prefs_store")]
    [InlineData("[modules.mod_mam]\nuser_prefs_store = \"cassandra\"\npm = {}", "user_prefs_store: is \"cassandra\", which wants the archives there too", "invalid_user_prefs_store")]
    [InlineData("[outgoing_pools.cassandra.default]\nconnection.servers = []", "connection.servers: ", "invalid_value")]
    [InlineData("[outgoing_pools.cassandra.default]\nconnection.servers = [{host = \"a\"}, {host = \"a\"}]", "connection.servers: names the same twice", "list_not_unique")]
    [InlineData("[outgoing_pools.cassandra.default]\nconnection.auth.plain = {username = \"a\"}", "auth.plain.password: must be given", "missing_mandatory_keys")]
    [InlineData("[outgoing_pools.cassandra.default]\nstrategy = \"random_worker\"\nmax_worker_queue_len = 5", "max_worker_queue_len: is only allowed with strategy", "invalid_worker_pool_strategy_option")]
    public void Mistakes_about_cassandra_are_found(string toml, string expected, string reason)
    {
        var loading = Loading.With(toml);
        Assert.Contains(expected, loading.Said, StringComparison.Ordinal);
        Assert.Equal([reason], loading.Errors.Errors.Select(error => error.Reason));
    }

    [Fact]
    public void Archives_of_accounts_and_of_rooms_may_be_in_different_places() => Loading.With(
        "[outgoing_pools.cassandra.default]\n[modules.mod_mam]\npm = {user_prefs_store = \"mnesia\"}\nmuc = {backend = \"cassandra\", user_prefs_store = \"cassandra\"}").Accepted.ToString();

    [Fact]
    public void Allowing_what_is_missing_does_not_allow_mistakes() => Assert.Null(Loading.With("[s2s]\n[modules.mod_rooster]", allowMissing: true).Result);

    [Fact]
    public void What_asks_for_nothing_is_not_missing() =>
        Assert.Empty(Loading.Of("[general]\nhosts = [\"a.example\"]\nhost_types = []\ndefault_server_domain = \"a.example\"\n[[listen.c2s]]\nport = 1\ntls.early_data = false").Accepted.Notices);

    [Fact]
    public void Auth_methods_are_those_with_a_section_by_alphabet_or_those_named_in_that_order() // AUTH-001
    {
        Assert.Equal([AuthMethod.Anonymous, AuthMethod.Internal, AuthMethod.Pki], Loading.With("[auth.pki]\n[auth.internal]\n[auth.anonymous]").Accepted.HostTypes["a.example"].Auth.ActiveMethods);
        Assert.Equal([AuthMethod.Pki, AuthMethod.Internal], Loading.With("auth = {methods = [\"pki\", \"internal\"], pki = {}, internal = {}, anonymous = {}}").Accepted.HostTypes["a.example"].Auth.ActiveMethods);
    }

    [Fact]
    public void A_host_has_what_all_have_and_what_its_host_config_says() // CONF-037 to CONF-045
    {
        var loaded = Loading.With("""
            [auth]
            max_users_per_domain = 5
            password.scram_iterations = 4096
            [auth.internal]
            [modules.mod_roster]
            versioning = true
            [modules.mod_last]
            [acl]
            admin = [{user = "ann"}]
            [access]
            c2s = [{acl = "blocked", value = "deny"}, {acl = "all", value = "allow"}]
            [outgoing_pools.rdbms.default]
            connection = {driver = "sqlite", path = "all.db"}
            [[host_config]]
            host = "b.example"
            [host_config.general]
            replaced_wait_timeout = 9
            [host_config.auth.pki]
            [host_config.modules.mod_roster]
            [host_config.acl]
            admin = [{user = "bob"}]
            blocked = [{user = "eve"}]
            [host_config.access]
            c2s = [{acl = "admin", value = "deny"}]
            [host_config.outgoing_pools.rdbms.default]
            connection = {driver = "sqlite", path = "b.db"}
            """).Accepted;
        var (a, b) = (loaded.HostTypes["a.example"], loaded.HostTypes["b.example"]);

        Assert.Equal((TimeSpan.FromMilliseconds(2000), TimeSpan.FromMilliseconds(9)), (a.ReplacedWaitTimeout, b.ReplacedWaitTimeout)); // CONF-039
        Assert.Equal((5, 4096), (a.Auth.MaxUsersPerDomain, a.Auth.Password.ScramIterations));
        Assert.Equal((null, 10_000), (b.Auth.MaxUsersPerDomain, b.Auth.Password.ScramIterations)); // CONF-040, AUTH-003
        Assert.Equal([AuthMethod.Pki], b.Auth.ActiveMethods);
        Assert.Equal(["mod_roster", "mod_last"], a.Modules.All.Select(m => m.Name));
        Assert.Equal(["mod_roster"], b.Modules.All.Select(m => m.Name)); // CONF-041
        Assert.True(((RosterOptions)a.Modules.Options("mod_roster")!).Versioning);
        Assert.False(((RosterOptions)b.Modules.Options("mod_roster")!).Versioning);
        Assert.Equal(("all.db", "b.db"), (a.Pools.Rdbms["default"].Connection.Path, b.Pools.Rdbms["default"].Connection.Path)); // CONF-045

        // CONF-043, CONF-044: at b, ann is an admin still and bob one too; the closing "allow all" stays last.
        Assert.Equal([true, true, true], Allowed(a, "ann", "bob", "eve"));
        Assert.Equal([false, false, false], Allowed(b, "ann", "bob", "eve"));
        Assert.Equal([true], Allowed(b, "joe"));
        Assert.True(loaded.Access.IsAllowed("c2s", "b.example", "bob", "b.example", null)); // CONF-046
    }

    [Fact]
    public void Handlers_keep_the_order_of_the_file_across_their_types() // CONF-093
    {
        var http = Loading.With("""
            [[listen.http]]
            port = 1
            handlers.webchat = [{host = "_", path = "/b"}]
            handlers.health = [{host = "_", path = "/a"}]
            handlers.mongoose_websocket_handler = [{host = "_", path = "/c", timeout = "infinity"}]
            """).Accepted.Listen.Http[0];
        Assert.Equal(["/b", "/a", "/c"], http.Handlers.InOrder.Select(h => h.Path));
        Assert.Null(http.Handlers.WebSocket[0].Timeout);
    }

    private static bool[] Allowed(HostTypeConfiguration host, params string[] users) =>
        [.. users.Select(u => host.Access.IsAllowed("c2s", host.Name, u, host.Name, null))];
}
