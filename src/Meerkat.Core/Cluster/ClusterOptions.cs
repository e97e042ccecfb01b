using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Text.RegularExpressions;
using Meerkat.Core.Configuration;

namespace Meerkat.Core.Cluster;

/// <summary>The cluster that this server is a node of: the <c>[cluster]</c> section. Ours: the reference has its virtual machine's arguments for this (CONF-304). Absent: a server of its own.</summary>
public sealed record ClusterOptions : IValidatableObject
{
    /// <summary><c>node</c>: the name of this node, different from that of every other one; it stays the same when the server is started again. Letters, digits, <c>-</c>, <c>_</c>, <c>.</c> and <c>@</c>.</summary>
    [NodeName]
    public required string Node { get; init; }

    /// <summary><c>name</c>: the name of the cluster. Servers with another one are strangers, also on the same database. Default <c>meerkat</c>.</summary>
    [NodeName]
    public string Name { get; init; } = "meerkat";

    /// <summary><c>address</c>: the IP address where the other nodes reach this one, and where it listens for them. Default <c>127.0.0.1</c>, for nodes on one machine.</summary>
    [IpAddress]
    public string Address { get; init; } = "127.0.0.1";

    /// <summary><c>port</c>: where it listens for other nodes. Default 7946.</summary>
    [Range(1, 65535)]
    public int Port { get; init; } = 7946;

    /// <summary><c>secret</c>: what the nodes of a cluster know and nobody else, at least 16 characters. Keys and certificates of the TLS between nodes are made from it: who has another one is refused. This or <c>secret_file</c>.</summary>
    [LongText(16), Secret]
    public string? Secret { get; init; }

    /// <summary><c>secret_file</c>: the file that holds the secret; a relative name starts in the data folder. One that is not there is made with a secret of 256 random bits, readable by its owner alone: copy it to the other machines.</summary>
    [NonEmpty]
    public string? SecretFile { get; init; }

    /// <summary><c>membership</c>: where the nodes find each other: <c>sql</c>, the database of <c>outgoing_pools.rdbms.default</c> (or the embedded one, for nodes on one machine), or <c>redis</c>, the server of
    /// <c>outgoing_pools.redis.default</c>. Default <c>redis</c> where <c>general.sm_backend</c> is, else <c>sql</c>.</summary>
    public ClusterMembership? Membership { get; init; }

    /// <summary><c>failure_time</c>: in seconds, how long a node may not answer before the others give it up: then its sessions are gone. Default 10, at least 3.</summary>
    [AtLeast(3), Unit(TimeUnit.Seconds)]
    public TimeSpan FailureTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary><c>one_machine</c>: all nodes run on this machine and share the data folder. The embedded database is allowed then, and only then. Default: whether <c>address</c> is one of the loopback.</summary>
    public bool? OneMachine { get; init; }

    /// <summary><c>queue_size</c>: in bytes, how much may wait for one other node that is slow or does not answer. A quarter of it holds back who sends much; what is more than all of it is refused. Default 16 777 216, at least 1 048 576.</summary>
    [AtLeast(1_048_576)]
    public int QueueSize { get; init; } = NodeLink.DefaultQueueSize;

    /// <summary>How long whoever needs a node that does not answer waits: until it is given up, and ten seconds for what follows from that.</summary>
    public TimeSpan Patience => FailureTime + TimeSpan.FromSeconds(10);

    /// <summary>Whether all nodes run on one machine.</summary>
    public bool IsOnOneMachine => OneMachine ?? IPAddress.IsLoopback(EndPoint.Address);

    /// <summary>Where other nodes reach this one.</summary>
    public IPEndPoint EndPoint => new(IPAddress.Parse(Address), Port);

    /// <summary>Rules that join more than one option.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Secret is null == SecretFile is null)
        {
            yield return new ConfigRule(Secret is null ? "needs a secret: write \"secret\" or \"secret_file\"" : "is there beside \"secret\": one of them is enough", nameof(SecretFile), "cluster_secret");
        }

        if (EndPoint.Address.Equals(IPAddress.Any) || EndPoint.Address.Equals(IPAddress.IPv6Any))
        {
            yield return new ConfigRule("is no address where other nodes could reach this one", nameof(Address), "cluster_address");
        }
    }
}

/// <summary>Where the nodes of a cluster find each other.</summary>
public enum ClusterMembership
{
    /// <summary>The SQL database.</summary>
    Sql,

    /// <summary>Redis.</summary>
    Redis,
}

/// <summary>The name of a node or of a cluster.</summary>
public sealed partial class NodeNameAttribute : ConfigStringAttribute
{
    /// <inheritdoc/>
    public override string Allowed => "1 to 64 letters, digits, \"-\", \"_\", \".\" and \"@\", a letter or digit first";

    /// <inheritdoc/>
    public override string? Accept(string value) => Name().IsMatch(value) ? value : null;

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._@-]{0,63}\z")]
    private static partial Regex Name();
}

/// <summary>An IP address.</summary>
public sealed class IpAddressAttribute : ConfigStringAttribute
{
    /// <inheritdoc/>
    public override string Allowed => "an IP address";

    /// <inheritdoc/>
    public override string? Accept(string value) => IPAddress.TryParse(value, out var ip) ? ip.ToString() : null;
}

/// <summary>A string of a least length.</summary>
/// <param name="minimum">How many characters.</param>
public sealed class LongTextAttribute(int minimum) : ConfigStringAttribute
{
    /// <summary>How many characters at least.</summary>
    public int Minimum { get; } = minimum;

    /// <inheritdoc/>
    public override string Allowed => $"a string of at least {Minimum} characters";

    /// <inheritdoc/>
    public override string? Accept(string value) => value.Length < Minimum ? null : value;
}
