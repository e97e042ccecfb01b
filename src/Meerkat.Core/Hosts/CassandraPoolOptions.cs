using System.ComponentModel.DataAnnotations;
using Meerkat.Core.Configuration;
using Meerkat.Core.Tls;

namespace Meerkat.Core.Hosts;

/// <summary>One Cassandra cluster: an <c>[outgoing_pools.cassandra.&lt;tag&gt;]</c> table (CONF-127 to CONF-131, CONF-158 to CONF-161).</summary>
public sealed record CassandraPoolOptions : PoolOptions
{
    /// <summary>A pool with the defaults of its kind.</summary>
    public CassandraPoolOptions() => Workers = 20;

    /// <summary><c>connection</c>: which cluster.</summary>
    public CassandraConnectionOptions Connection { get; init; } = new();
}

/// <summary>Where a Cassandra cluster is: the <c>connection</c> table of a pool.</summary>
public sealed record CassandraConnectionOptions
{
    /// <summary><c>servers</c>: those that are connected to. Default <c>localhost</c> alone (CONF-158).</summary>
    [NonEmptyList, Unique]
    public IReadOnlyList<CassandraServerOptions> Servers { get; init; } = [new() { Host = "localhost" }];

    /// <summary><c>keyspace</c>: where the tables are; it must exist, and is written as Cassandra shows it. Default <c>mongooseim</c> (CONF-159).</summary>
    [NonEmpty]
    public string Keyspace { get; init; } = "mongooseim";

    /// <summary><c>consistency</c>: how many replicas must have answered a read or a write. Ours; default <c>local_quorum</c>.</summary>
    public CassandraConsistency Consistency { get; init; } = CassandraConsistency.LocalQuorum;

    /// <summary><c>auth</c>: who connects; absent: nobody in particular (CONF-160).</summary>
    public CassandraAuthOptions? Auth { get; init; }

    /// <summary><c>tls</c>: absent means no TLS; with it, a server without TLS is refused (CONF-161).</summary>
    public ClientTlsOptions? Tls { get; init; }
}

/// <summary>One server of a cluster.</summary>
public sealed record CassandraServerOptions
{
    /// <summary><c>host</c>: its name or address.</summary>
    [NonEmpty]
    public required string Host { get; init; }

    /// <summary><c>port</c>: default 9042.</summary>
    [Range(1, 65535)]
    public int Port { get; init; } = 9042;
}

/// <summary>Who connects: the <c>auth</c> table.</summary>
public sealed record CassandraAuthOptions
{
    /// <summary><c>plain</c>: name and password, as Cassandra's own <c>PasswordAuthenticator</c> takes them.</summary>
    public required CassandraPlainOptions Plain { get; init; }
}

/// <summary>A name and a password.</summary>
public sealed record CassandraPlainOptions
{
    /// <summary><c>username</c>: the role.</summary>
    [NonEmpty]
    public required string Username { get; init; }

    /// <summary><c>password</c>: its password.</summary>
    [NonEmpty, Secret]
    public required string Password { get; init; }
}

/// <summary>How many replicas must have answered before a read or a write counts; Cassandra's own names.</summary>
public enum CassandraConsistency
{
    /// <summary>One.</summary>
    One,

    /// <summary>Two.</summary>
    Two,

    /// <summary>Three.</summary>
    Three,

    /// <summary>More than half of all.</summary>
    Quorum,

    /// <summary>All.</summary>
    All,

    /// <summary>More than half of those in the data centre of the server that is asked.</summary>
    LocalQuorum,

    /// <summary>One in the data centre of the server that is asked.</summary>
    LocalOne,
}
