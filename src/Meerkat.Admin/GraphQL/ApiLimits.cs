using GraphQLParser.AST;

namespace Meerkat.Admin.GraphQL;

/// <summary>How large an operation may be: checked before it is validated, because validation of a hostile document costs more than its parsing.</summary>
internal sealed class ApiLimits
{
    /// <summary>Largest request body, in bytes (GQL-HTTP-12).</summary>
    public const int MaxBody = 8 * 1024 * 1024;

    /// <summary>How deep a document may be nested, as the parser counts: selections, lists and objects in arguments.</summary>
    public const int MaxParserDepth = 100;

    /// <summary>How deep selections may be nested, fragments included. The introspection of explorers is 14 deep.</summary>
    public const int MaxDepth = 25;

    /// <summary>How many fields may be selected, each fragment counted where it is used.</summary>
    public const int MaxFields = 5000;

    private readonly GraphQLDocument _document;
    private readonly Dictionary<string, (int Depth, int Fields)> _fragments = new(StringComparer.Ordinal);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);

    private ApiLimits(GraphQLDocument document) => _document = document;

    /// <summary>What is too large about a document; null when nothing is.</summary>
    public static string? Exceeded(GraphQLDocument document)
    {
        var limits = new ApiLimits(document);
        var fields = 0;
        foreach (var selections in document.Definitions.OfType<GraphQLOperationDefinition>().Select(operation => operation.SelectionSet))
        {
            var (depth, count) = limits.Measure(selections);
            if (depth > MaxDepth)
            {
                return $"selections are nested deeper than {MaxDepth}";
            }

            fields = Math.Min(fields + count, MaxFields + 1);
        }

        return fields > MaxFields ? $"more than {MaxFields} fields are selected" : null;
    }

    private (int Depth, int Fields) Measure(GraphQLSelectionSet? selections)
    {
        var depth = 0;
        var fields = 0;
        foreach (var selection in selections?.Selections ?? [])
        {
            var (below, count) = selection switch
            {
                GraphQLField field => Around(Measure(field.SelectionSet)),
                GraphQLInlineFragment inline => Measure(inline.SelectionSet),
                GraphQLFragmentSpread spread => MeasureFragment(spread.FragmentName.Name.StringValue),
                _ => (0, 0),
            };
            depth = Math.Max(depth, below);
            fields = Math.Min(fields + count, MaxFields + 1); // fragments in fragments grow exponentially
        }

        return (depth, fields);
    }

    private static (int Depth, int Fields) Around((int Depth, int Fields) inner) => (inner.Depth + 1, inner.Fields + 1);

    // One that holds itself is refused by the validator; here it counts once.
    private (int Depth, int Fields) MeasureFragment(string name)
    {
        if (!_fragments.TryGetValue(name, out var measured) && _open.Add(name))
        {
            measured = Measure(_document.Definitions.OfType<GraphQLFragmentDefinition>().FirstOrDefault(fragment => fragment.FragmentName.Name.StringValue == name)?.SelectionSet);
            _fragments[name] = measured;
            _open.Remove(name);
        }

        return measured;
    }
}
