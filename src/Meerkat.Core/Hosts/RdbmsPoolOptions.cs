using System.ComponentModel.DataAnnotations;
using Meerkat.Core.Configuration;
using Meerkat.Core.Tls;

namespace Meerkat.Core.Hosts;

/// <summary>One SQL database: an <c>[outgoing_pools.rdbms.&lt;tag&gt;]</c> table.</summary>
public sealed record RdbmsPoolOptions : PoolOptions
{
    /// <summary>A pool with the defaults of its kind.</summary>
    public RdbmsPoolOptions() => CallTimeout = TimeSpan.FromMilliseconds(60_000);

    /// <summary><c>connection</c>: which database.</summary>
    public required RdbmsConnectionOptions Connection { get; init; }
}

/// <summary>Where a SQL database is: the <c>connection</c> table of a pool (CONF-135 to CONF-142).</summary>
public sealed record RdbmsConnectionOptions : IValidatableObject
{
    private const string Reason = "invalid_rdbms_connection_options";

    /// <summary><c>driver</c>: which kind of database (CONF-135). Ours: <c>sqlite</c>.</summary>
    public required RdbmsDriver Driver { get; init; }

    /// <summary><c>path</c>: the file of the SQLite database; made when it is not there. Mandatory for <c>sqlite</c>, and for it alone.</summary>
    [NonEmpty]
    public string? Path { get; init; }

    /// <summary><c>host</c>: name or address of the database server. Mandatory but for <c>sqlite</c>, as the next three.</summary>
    [NonEmpty]
    public string? Host { get; init; }

    /// <summary><c>port</c>: of the database server. Absent: 5432 for <c>pgsql</c>, 3306 for <c>mysql</c> (CONF-137).</summary>
    [Range(1, 65535)]
    public int? Port { get; init; }

    /// <summary><c>database</c>: its name. Its encoding must be UTF-8 (PostgreSQL); tables bring theirs (MySQL).</summary>
    [NonEmpty]
    public string? Database { get; init; }

    /// <summary><c>username</c>: who connects. It owns the tables, or may at least make and use them.</summary>
    [NonEmpty]
    public string? Username { get; init; }

    /// <summary><c>password</c>: its password.</summary>
    [NonEmpty, Secret]
    public string? Password { get; init; }

    /// <summary><c>keepalive_interval</c>: how often each idle connection is asked <c>SELECT 1</c>, in seconds, and replaced when it does not answer; absent: never (CONF-139).</summary>
    [AtLeast(1), Unit(TimeUnit.Seconds)]
    public TimeSpan? KeepaliveInterval { get; init; }

    /// <summary><c>query_timeout</c>: how long one query may take, and how long a request waits for a database that is gone, in milliseconds. Default 5000; 0: a query may take any
    /// time, and a request waits 5 s (CONF-140).</summary>
    [AtLeast(0), Unit(TimeUnit.Milliseconds)]
    public TimeSpan QueryTimeout { get; init; } = TimeSpan.FromMilliseconds(5000);

    /// <summary><c>max_start_interval</c>: the longest pause between two attempts to reach a database that is gone, in seconds. Default 30 (CONF-141).</summary>
    [AtLeast(1), Unit(TimeUnit.Seconds)]
    public TimeSpan MaxStartInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary><c>tls</c>: absent means no TLS (CONF-142).</summary>
    public RdbmsTlsOptions? Tls { get; init; }

    /// <summary>CONF-031: a file needs its path; a server needs to be named.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        (string Member, bool IsGiven)[] ofServers =
        [
            (nameof(Host), Host is not null), (nameof(Database), Database is not null), (nameof(Username), Username is not null), (nameof(Password), Password is not null),
        ];
        if (Driver is RdbmsDriver.Sqlite)
        {
            if (Path is null)
            {
                yield return new ConfigRule("must be given with driver = \"sqlite\"", nameof(Path), Reason);
            }

            foreach (var (member, _) in ofServers.Append((nameof(Port), Port is not null)).Append((nameof(KeepaliveInterval), KeepaliveInterval is not null)).Append((nameof(Tls), Tls is not null)).Where(o => o.Item2))
            {
                yield return new ConfigRule("is not allowed with driver = \"sqlite\", which is a file", member, Reason);
            }

            yield break;
        }

        if (Path is not null)
        {
            yield return new ConfigRule("is only allowed with driver = \"sqlite\"", nameof(Path), Reason);
        }

        foreach (var (member, _) in ofServers.Where(o => !o.IsGiven))
        {
            yield return new ConfigRule($"must be given with this driver: the key \"{member.ToLowerInvariant()}\" is missing", member, Reason);
        }
    }
}

/// <summary>TLS to a database server: the <c>tls</c> table of its connection.</summary>
public sealed record RdbmsTlsOptions : ClientTlsOptions
{
    /// <summary><c>required</c>: false goes on without TLS when the server has none. Default false (CONF-297).</summary>
    public bool Required { get; init; }
}

/// <summary>Kinds of SQL databases.</summary>
public enum RdbmsDriver
{
    /// <summary>A SQLite file. Ours: the reference has no such driver.</summary>
    Sqlite,

    /// <summary>PostgreSQL 13 or later.</summary>
    Pgsql,

    /// <summary>MySQL 8.0.14 or later, or MariaDB 10.6 or later.</summary>
    Mysql,

    /// <summary>CockroachDB.</summary>
    [NotAvailable("CockroachDB is not supported")]
    Cockroachdb,
}
