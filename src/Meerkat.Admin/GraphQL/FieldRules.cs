using GraphQLParser.AST;

namespace Meerkat.Admin.GraphQL;

/// <summary>How strictly something is protected.</summary>
internal enum ProtectionLevel
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Who has signed in may.</summary>
    Default,

    /// <summary>The server's administrator may, and that of the domain to which the arguments belong.</summary>
    Domain,

    /// <summary>The server's administrator may.</summary>
    Global,
}

/// <summary>What the directives <c>@protected</c> and <c>@use</c> of a type or a field say. Immutable.</summary>
/// <param name="Level">How strictly it is protected.</param>
/// <param name="ProtectedArgs">Arguments that must belong to the domain of its administrator.</param>
/// <param name="Modules">Modules that are needed; null without <c>@use</c>, and then nothing is needed.</param>
/// <param name="UseArgs">Arguments that say of which host types; none: of the caller's own.</param>
internal sealed record FieldRules(ProtectionLevel Level, IReadOnlyList<string> ProtectedArgs, IReadOnlyList<string>? Modules, IReadOnlyList<string> UseArgs)
{
    /// <summary>Services of the whole server that are needed.</summary>
    public IReadOnlyList<string> Services { get; private init; } = [];

    /// <summary>Without directives.</summary>
    public static readonly FieldRules None = new(ProtectionLevel.None, [], null, []);

    /// <summary>Reads the directives of a type or a field.</summary>
    public static FieldRules Of(IHasDirectivesNode node)
    {
        var rules = None;
        foreach (var directive in node.Directives?.Items ?? [])
        {
            rules = directive.Name.StringValue switch
            {
                "protected" => rules with
                {
                    Level = Argument(directive, "type") is GraphQLEnumValue level ? Enum.Parse<ProtectionLevel>(level.Name.StringValue, ignoreCase: true) : ProtectionLevel.Default,
                    ProtectedArgs = Texts(directive, "args"),
                },
                "use" => rules with { Modules = Texts(directive, "modules"), Services = Texts(directive, "services"), UseArgs = Texts(directive, "args") },
                _ => rules,
            };
        }

        return rules;
    }

    /// <summary>The rules of a field in a category: what the category needs, the field needs too, if it carries <c>@use</c> itself (GQL-USE-01).</summary>
    public FieldRules Within(FieldRules category) => Modules is null ? this : this with { Modules = [.. (category.Modules ?? []).Concat(Modules).Distinct()], Services = [.. category.Services.Union(Services)] };

    private static GraphQLValue? Argument(GraphQLDirective directive, string name) => directive.Arguments?.Items.FirstOrDefault(argument => argument.Name.StringValue == name)?.Value;

    private static IReadOnlyList<string> Texts(GraphQLDirective directive, string name) =>
        Argument(directive, name) is GraphQLListValue { Values: { } values } ? [.. values.Cast<GraphQLStringValue>().Select(value => value.Value.ToString())] : [];
}
