using Meerkat.Core.Access;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Core.Tests.Access;

/// <summary>CORE-251 to CORE-255.</summary>
public sealed class AccessRulesTests
{
    [Fact]
    public void An_empty_pattern_is_everybody_of_the_current_domain() // CORE-252, CONF-201
    {
        var rules = OneClass(new AclPattern());
        Assert.True(rules.IsAllowed("rule", "a.example", "ann", "a.example", null));
        Assert.False(rules.IsAllowed("rule", "a.example", "ann", "b.example", null));
    }

    [Fact]
    public void Outside_any_domain_there_is_no_current_domain() => // CORE-252
        Assert.False(OneClass(new AclPattern()).IsAllowed("rule", null, null, "a.example", null));

    [Theory]
    [InlineData(AclMatch.CurrentDomain, "a.example", true)]
    [InlineData(AclMatch.CurrentDomain, "b.example", false)]
    [InlineData(AclMatch.AnyHostedDomain, "b.example", true)]
    [InlineData(AclMatch.AnyHostedDomain, "c.example", false)]
    [InlineData(AclMatch.All, "c.example", true)]
    [InlineData(AclMatch.None, "a.example", false)]
    public void Match_says_which_domains_are_meant(AclMatch match, string domain, bool expected) => // CORE-251
        Assert.Equal(expected, OneClass(new AclPattern { Match = match }).IsAllowed("rule", "a.example", "ann", domain, null));

    [Fact]
    public void All_conditions_of_a_pattern_must_hold_and_any_pattern_will_do() // CORE-251
    {
        var rules = OneClass(
            new AclPattern { Match = AclMatch.All, User = "ann", Server = "a.example" },
            new AclPattern { Match = AclMatch.All, Resource = "phone" });
        Assert.True(rules.IsAllowed("rule", null, "ann", "a.example", "x"));
        Assert.False(rules.IsAllowed("rule", null, "ann", "b.example", "x"));
        Assert.False(rules.IsAllowed("rule", null, "bob", "a.example", "x"));
        Assert.True(rules.IsAllowed("rule", null, "bob", "a.example", "phone"));
    }

    [Theory]
    [InlineData("nn", "ann", true)] // unanchored
    [InlineData("^n", "ann", false)]
    [InlineData("^a.*n$", "ann", true)]
    [InlineData("(a)n(?!x)", "ann", true)] // look-ahead: the backtracking engine
    [InlineData("bot", "ann", false)]
    public void Regular_expressions_are_not_anchored(string regexp, string local, bool expected) => // CORE-253
        Assert.Equal(expected, OneClass(new AclPattern { Match = AclMatch.All, UserRegexp = regexp }).IsAllowed("rule", null, local, "a.example", null));

    [Theory]
    [InlineData("a*", "ann", true)]
    [InlineData("a*", "joann", false)] // anchored
    [InlineData("a?n", "ann", true)]
    [InlineData("a?n", "an", false)]
    [InlineData("[a-c]nn", "bnn", true)]
    [InlineData("[a-c]nn", "dnn", false)]
    [InlineData("[!a-c]nn", "dnn", true)]
    [InlineData("[a-c-e]nn", "-nn", true)]
    [InlineData("[c-a]nn", "-nn", true)] // no range: three characters
    [InlineData("a.n", "axn", false)] // a dot is a dot
    [InlineData("a[n", "a[n", true)] // not closed: itself
    [InlineData("*", "", true)]
    public void Globs_are_anchored(string glob, string local, bool expected) => // CORE-253
        Assert.Equal(expected, OneClass(new AclPattern { Match = AclMatch.All, UserGlob = glob }).IsAllowed("rule", null, local, "a.example", null));

    [Fact]
    public void Server_and_resource_have_expressions_too()
    {
        var rules = OneClass(new AclPattern { Match = AclMatch.All, ServerGlob = "*.example", ResourceRegexp = "^web", ServerRegexp = "^a" });
        Assert.True(rules.IsAllowed("rule", null, "ann", "a.example", "web-1"));
        Assert.False(rules.IsAllowed("rule", null, "ann", "b.example", "web-1"));
        Assert.False(rules.IsAllowed("rule", null, "ann", "a.example", null));
    }

    [Fact]
    public void An_expression_that_takes_too_long_lets_nobody_in()
    {
        // Exponential for a backtracking engine, which the back-reference forces.
        var slow = new AclPattern { Match = AclMatch.All, UserRegexp = @"^(a+)+\1$" };
        var rules = new AccessRules(
            new Dictionary<string, IReadOnlyList<AclPattern>> { ["blocked"] = [slow] },
            new Dictionary<string, IReadOnlyList<AccessClause>>
            {
                ["c2s"] = [new() { Acl = "blocked", Value = AccessValue.Deny }, new() { Acl = "all", Value = AccessValue.Allow }],
            },
            _ => false);
        Assert.False(rules.IsAllowed("c2s", null, new string('a', 200) + "b", "a.example", null));
        Assert.True(rules.IsAllowed("c2s", null, "b", "a.example", null));
    }

    [Fact]
    public void The_first_clause_whose_class_matches_decides() // CORE-254
    {
        var rules = Rules("rule", ("ann", AccessValue.Deny), ("all", AccessValue.Allow));
        Assert.False(rules.IsAllowed("rule", "a.example", "ann", "a.example", null));
        Assert.True(rules.IsAllowed("rule", "a.example", "bob", "a.example", null));
        Assert.False(Rules("rule", ("all", AccessValue.Deny), ("ann", AccessValue.Allow)).IsAllowed("rule", "a.example", "ann", "a.example", null));
    }

    [Theory]
    [InlineData("undefined", false)] // CORE-254
    [InlineData("all", true)]
    [InlineData("none", false)]
    public void Some_rules_are_built_in(string rule, bool expected) =>
        Assert.Equal(expected, Rules("rule").IsAllowed(rule, "a.example", "ann", "a.example", null));

    [Theory]
    [InlineData("all", true)] // CORE-253
    [InlineData("none", false)]
    [InlineData("undefined", false)]
    public void Some_classes_are_built_in(string name, bool expected) =>
        Assert.Equal(expected, Rules("rule", (name, AccessValue.Allow)).IsAllowed("rule", "a.example", "ann", "a.example", null));

    [Fact]
    public void A_rule_without_a_matching_clause_denies() => // CORE-254
        Assert.True(Rules("rule", ("ann", AccessValue.Allow)).Evaluate("rule", "a.example", "bob", "a.example", null).IsDeny);

    [Fact]
    public void A_limit_is_a_number_or_infinity_or_what_holds_without_the_rule() // CORE-255
    {
        Assert.Equal(10, Rules("max_user_sessions", ("all", AccessValue.Of(10))).Limit("max_user_sessions", "a.example", "ann", "a.example", 100));
        Assert.Equal(0, Rules("max_user_sessions", ("all", AccessValue.Of(0))).Limit("max_user_sessions", "a.example", "ann", "a.example", 100));
        Assert.Equal(100, Rules("other").Limit("max_user_sessions", "a.example", "ann", "a.example", 100));
        Assert.Equal(long.MaxValue, Rules("max_user_sessions", ("all", AccessValue.Of("infinity"))).Limit("max_user_sessions", "a.example", "ann", "a.example", 100));
    }

    [Fact]
    public void A_rule_may_name_a_shaper() // CORE-256
    {
        Assert.Equal("slow", Rules("mam_shaper", ("all", AccessValue.Of("slow"))).ShaperName("mam_shaper", "a.example", "ann", "a.example", null));
        Assert.Null(Rules("mam_shaper", ("all", AccessValue.Of("none"))).ShaperName("mam_shaper", "a.example", "ann", "a.example", null));
        Assert.Null(Rules("mam_shaper").ShaperName("mam_shaper", "a.example", "ann", "a.example", null));
    }

    [Fact]
    public void An_address_may_be_given_whole()
    {
        var rules = OneClass(new AclPattern { User = "ann", Resource = "phone" });
        Assert.True(rules.Evaluate("rule", "a.example", Jid.Parse("Ann@a.example/phone")).IsAllow);
        Assert.False(rules.IsAllowed("rule", "a.example", Jid.Parse("ann@a.example")));
    }

    [Fact]
    public void The_default_value_denies()
    {
        Assert.True(default(AccessValue).IsDeny);
        Assert.Equal(AccessValue.Deny, AccessValue.Of("deny"));
        Assert.Equal("deny", default(AccessValue).ToString());
    }

    private static AccessRules OneClass(params AclPattern[] patterns) => new(
        new Dictionary<string, IReadOnlyList<AclPattern>> { ["class"] = patterns },
        new Dictionary<string, IReadOnlyList<AccessClause>> { ["rule"] = [new() { Acl = "class", Value = AccessValue.Allow }] },
        domain => domain is "a.example" or "b.example");

    private static AccessRules Rules(string rule, params (string Class, AccessValue Value)[] clauses) => new(
        new Dictionary<string, IReadOnlyList<AclPattern>> { ["ann"] = [new() { User = "ann" }], ["all"] = [new() { Match = AclMatch.None }] },
        new Dictionary<string, IReadOnlyList<AccessClause>> { [rule] = [.. clauses.Select(c => new AccessClause { Acl = c.Class, Value = c.Value })] },
        _ => false);
}
