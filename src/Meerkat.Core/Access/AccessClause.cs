using Meerkat.Core.Configuration;

namespace Meerkat.Core.Access;

/// <summary>One clause of an access rule: an item of <c>access.&lt;rule&gt;</c> (CONF-202).</summary>
public sealed record AccessClause
{
    /// <summary><c>acl</c>: the class that the clause is about; <c>all</c> and <c>none</c> are built in.</summary>
    [NonEmpty]
    public required string Acl { get; init; }

    /// <summary><c>value</c>: what the rule says to those of the class: <c>allow</c>, <c>deny</c>, a number, or the name of a shaper.</summary>
    public required AccessValue Value { get; init; }
}
