using Meerkat.Core.Access;

namespace Meerkat.Core.Hosts;

/// <summary>How a section of <c>[[host_config]]</c> joins the one at the top, where it does not simply replace it (CONF-043 to CONF-045).</summary>
public static class HostConfigMerge
{
    /// <summary>Classes: the patterns of both, those of the top first (CONF-043).</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<AclPattern>> Acl(
        IReadOnlyDictionary<string, IReadOnlyList<AclPattern>> top, IReadOnlyDictionary<string, IReadOnlyList<AclPattern>>? host) =>
        Join(top, host, (all, own) => [.. all, .. own]);

    /// <summary>Rules: the clauses of the top, then the host's; a closing <c>{acl = "all", value = "allow"}</c> of the top stays the last (CONF-044).</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<AccessClause>> Access(
        IReadOnlyDictionary<string, IReadOnlyList<AccessClause>> top, IReadOnlyDictionary<string, IReadOnlyList<AccessClause>>? host) =>
        Join(top, host, (all, own) => all is [.., { Acl: AccessRules.All, Value.IsAllow: true } last] ? [.. all.SkipLast(1), .. own, last] : [.. all, .. own]);

    /// <summary>Pools: one of the host takes the place of the one of the same tag (CONF-045).</summary>
    public static OutgoingPoolsOptions Pools(OutgoingPoolsOptions top, OutgoingPoolsOptions? host) =>
        host is null ? top : top with
        {
            Rdbms = Join(top.Rdbms, host.Rdbms, (_, own) => own),
            Http = Join(top.Http, host.Http, (_, own) => own),
            Cassandra = Join(top.Cassandra, host.Cassandra, (_, own) => own),
        };

    private static Dictionary<string, T> Join<T>(IReadOnlyDictionary<string, T> top, IReadOnlyDictionary<string, T>? host, Func<T, T, T> both)
    {
        var joined = new Dictionary<string, T>(top, StringComparer.Ordinal);
        foreach (var (name, own) in host ?? new Dictionary<string, T>())
        {
            joined[name] = joined.TryGetValue(name, out var all) ? both(all, own) : own;
        }

        return joined;
    }
}
