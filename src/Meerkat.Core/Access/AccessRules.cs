using System.Collections.Frozen;
using Meerkat.Xmpp;

namespace Meerkat.Core.Access;

/// <summary>The access rules of one host type, or of the whole server, ready to be asked (CORE-251 to CORE-255).</summary>
/// <remarks>
/// <para>Addresses are given in prepared parts. A rule asked outside any domain (an external component logging in) has no current domain, and patterns about
/// <c>current_domain</c> do not match then (CORE-252).</para>
/// <para>Immutable and safe for concurrent use.</para>
/// </remarks>
public sealed class AccessRules
{
    /// <summary>The rule and the class that everybody passes.</summary>
    public const string All = "all";

    /// <summary>The rule and the class that nobody passes.</summary>
    public const string None = "none";

    private readonly FrozenDictionary<string, AclMatcher[]> _classes;
    private readonly FrozenDictionary<string, AccessClause[]> _rules;
    private readonly Func<string, bool> _isHosted;

    /// <summary>Makes rules ready.</summary>
    /// <param name="acl">Patterns by class.</param>
    /// <param name="access">Clauses by rule, in order.</param>
    /// <param name="isHosted">Whether this server serves a domain, for <see cref="AclMatch.AnyHostedDomain"/>.</param>
    public AccessRules(
        IReadOnlyDictionary<string, IReadOnlyList<AclPattern>> acl,
        IReadOnlyDictionary<string, IReadOnlyList<AccessClause>> access,
        Func<string, bool> isHosted)
    {
        _classes = acl.ToFrozenDictionary(c => c.Key, c => c.Value.Select(p => new AclMatcher(p)).ToArray(), StringComparer.Ordinal);
        _rules = access.ToFrozenDictionary(r => r.Key, r => r.Value.ToArray(), StringComparer.Ordinal);
        _isHosted = isHosted;
    }

    private AccessRules(AccessRules rules, Func<string, bool> isHosted)
    {
        _classes = rules._classes;
        _rules = rules._rules;
        _isHosted = isHosted;
    }

    /// <summary>The same rules, where another one says which domains are served: they may change while the server runs.</summary>
    /// <param name="isHosted">Whether this server serves a domain, for <see cref="AclMatch.AnyHostedDomain"/>.</param>
    public AccessRules Where(Func<string, bool> isHosted) => new(this, isHosted);

    /// <summary>What a rule says to an address: the value of the first clause whose class it is in; <c>deny</c> when there is none, or no such rule (CORE-254).</summary>
    /// <param name="rule">The rule's name; <c>all</c> allows, <c>none</c> denies.</param>
    /// <param name="currentDomain">The domain for which the rule is asked; null outside any domain.</param>
    /// <param name="local">Localpart; null for a domain's own address.</param>
    /// <param name="domain">Domain.</param>
    /// <param name="resource">Resource; null for a bare address.</param>
    public AccessValue Evaluate(string rule, string? currentDomain, string? local, string domain, string? resource)
    {
        if (rule == All)
        {
            return AccessValue.Allow;
        }

        if (rule == None || !_rules.TryGetValue(rule, out var clauses))
        {
            return AccessValue.Deny;
        }

        var subject = new AclSubject(local ?? "", domain, resource ?? "", currentDomain, currentDomain is not null && domain == currentDomain);
        foreach (var clause in clauses)
        {
            switch (IsIn(clause.Acl, subject))
            {
                case true:
                    return clause.Value;
                case null:
                    // A pattern that could not be decided in time may stand for a block list as well as for a guest list: nobody gets in by it.
                    return AccessValue.Deny;
            }
        }

        return AccessValue.Deny;
    }

    /// <summary>What a rule says to an address.</summary>
    /// <inheritdoc cref="Evaluate(string, string?, string?, string, string?)"/>
    /// <param name="rule">The rule's name.</param>
    /// <param name="currentDomain">The domain for which the rule is asked; null outside any domain.</param>
    /// <param name="jid">The address.</param>
    public AccessValue Evaluate(string rule, string? currentDomain, Jid jid) => Evaluate(rule, currentDomain, jid.Local, jid.Domain, jid.Resource);

    /// <summary>Whether a rule says <c>allow</c> to an address.</summary>
    /// <inheritdoc cref="Evaluate(string, string?, Jid)"/>
    public bool IsAllowed(string rule, string? currentDomain, Jid jid) => Evaluate(rule, currentDomain, jid).IsAllow;

    /// <summary>Whether a rule says <c>allow</c> to an address; null when there is no such rule, and whoever asks has a default.</summary>
    /// <inheritdoc cref="Evaluate(string, string?, Jid)"/>
    public bool? Decide(string rule, string? currentDomain, Jid jid) => _rules.ContainsKey(rule) ? IsAllowed(rule, currentDomain, jid) : null;

    /// <summary>Whether a rule says <c>allow</c>.</summary>
    /// <inheritdoc cref="Evaluate(string, string?, string?, string, string?)"/>
    public bool IsAllowed(string rule, string? currentDomain, string? local, string domain, string? resource) =>
        Evaluate(rule, currentDomain, local, domain, resource).IsAllow;

    /// <summary>The number that a rule says (CORE-255).</summary>
    /// <param name="rule">The rule's name: <c>max_user_sessions</c> and the like.</param>
    /// <param name="currentDomain">The domain for which the rule is asked.</param>
    /// <param name="local">Localpart.</param>
    /// <param name="domain">Domain.</param>
    /// <param name="absent">What holds when the rule is not there, matches nobody, or says no number.</param>
    /// <returns>The number; <see cref="long.MaxValue"/> when the rule says <c>infinity</c>.</returns>
    public long Limit(string rule, string? currentDomain, string? local, string domain, long absent)
    {
        var value = Evaluate(rule, currentDomain, local, domain, null);
        return value.Number ?? (value.Word is "infinity" ? long.MaxValue : absent);
    }

    /// <summary>The name of the shaper that a rule gives an address, or null for no shaper: the rule is not there, or says <c>deny</c>, <c>none</c> or a number (CORE-256).</summary>
    /// <inheritdoc cref="Evaluate(string, string?, string?, string, string?)"/>
    public string? ShaperName(string rule, string? currentDomain, string? local, string domain, string? resource) =>
        Evaluate(rule, currentDomain, local, domain, resource).Word is { } word and not "deny" and not "none" ? word : null;

    // null: undecided.
    private bool? IsIn(string name, in AclSubject subject)
    {
        if (name is All or None || !_classes.TryGetValue(name, out var patterns))
        {
            return name == All;
        }

        foreach (var pattern in patterns)
        {
            if (pattern.Matches(subject, _isHosted) is not false and var decided)
            {
                return decided;
            }
        }

        return false;
    }
}
