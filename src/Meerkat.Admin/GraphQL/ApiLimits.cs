using System.Collections;
using System.Text;
using GraphQL.Execution;
using GraphQLParser.AST;
using Meerkat.Admin.GraphQL.Scalars;
using Meerkat.Xmpp;

namespace Meerkat.Admin.GraphQL;

/// <summary>How large an operation may be: checked before it is validated, because validation of a hostile document costs more than its parsing.</summary>
internal sealed class ApiLimits
{
    /// <summary>Largest request body, in bytes (GQL-HTTP-12).</summary>
    public const int MaxBody = 8 * 1024 * 1024;

    /// <summary>How deep a document may be nested, as the parser counts: selections, lists and objects in arguments.</summary>
    public const int MaxParserDepth = 100;

    /// <summary>How deep fields may be nested, fragments included. The introspection of explorers is 14 deep.</summary>
    public const int MaxDepth = 25;

    /// <summary>How deep selections may be nested, fragments within fragments and without a field between them too: whoever walks a document goes as deep.</summary>
    public const int MaxNesting = 100;

    /// <summary>How much may be selected: fields with their arguments and directives, and fragments, each counted where it is used.</summary>
    public const int MaxSelections = 5000;

    /// <summary>How many bytes the arguments of one operation may have for anybody but the server's administrator: as many as a stanza, because much of it becomes one.</summary>
    public const int MaxArguments = 262_144;

    // What a value in a list costs beside its text.
    private const int ValueSize = 16;

    private static readonly Size s_tooNested = new(0, MaxNesting + 1, 0);

    private readonly Dictionary<string, GraphQLFragmentDefinition> _definitions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Size> _fragments = new(StringComparer.Ordinal);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);

    private ApiLimits(GraphQLDocument document)
    {
        foreach (var definition in document.Definitions.OfType<GraphQLFragmentDefinition>())
        {
            _definitions.TryAdd(definition.FragmentName.Name.StringValue, definition);
        }
    }

    /// <summary>What is too large about a document; null when nothing is.</summary>
    public static string? Exceeded(GraphQLDocument document)
    {
        var limits = new ApiLimits(document);
        var used = default(Size);
        var defined = default(Size);
        foreach (var definition in document.Definitions)
        {
            switch (definition)
            {
                case GraphQLOperationDefinition operation:
                    used = used.With(limits.Measure(operation.SelectionSet, 0).And((operation.Variables?.Count ?? 0) + Count(operation)));
                    break;
                case GraphQLFragmentDefinition fragment:
                    defined = defined.With(limits.Measure(fragment.SelectionSet, 0).And(1 + Count(fragment))); // validated whether it is used or not
                    break;
            }
        }

        return used.Depth > MaxDepth ? $"fields are nested deeper than {MaxDepth}"
            : Math.Max(used.Nesting, defined.Nesting) > MaxNesting ? $"selections are nested deeper than {MaxNesting}"
            : Math.Max(used.Selections, defined.Selections) > MaxSelections ? $"more than {MaxSelections} fields, arguments and fragments"
            : null;
    }

    /// <summary>Whether the arguments of an operation have more than <see cref="MaxArguments"/> bytes.</summary>
    public static bool IsTooLong(IDictionary<string, ArgumentValue> arguments) => arguments.Values.Sum(argument => SizeOf(argument.Value)) > MaxArguments;

    private static long SizeOf(object? value) => ValueSize + value switch
    {
        string text => Encoding.UTF8.GetByteCount(text),
        XmlInput xml => Encoding.UTF8.GetByteCount(xml.Text),
        Jid jid => jid.ToString().Length,
        IDictionary<string, object?> fields => fields.Values.Sum(SizeOf),
        IEnumerable list => list.Cast<object?>().Sum(SizeOf),
        _ => 0,
    };

    private Size Measure(GraphQLSelectionSet? selections, int level)
    {
        if (level > MaxNesting)
        {
            return s_tooNested;
        }

        var size = default(Size);
        foreach (var selection in selections?.Selections ?? [])
        {
            var one = selection switch
            {
                GraphQLField field => Measure(field.SelectionSet, level + 1).And(1 + (field.Arguments?.Count ?? 0)) is var below ? below with { Depth = below.Depth + 1 } : default,
                GraphQLInlineFragment inline => Measure(inline.SelectionSet, level + 1).And(1),
                GraphQLFragmentSpread spread => MeasureFragment(spread.FragmentName.Name.StringValue, level + 1).And(1),
                _ => default,
            };
            size = size.With(one.And(Count((IHasDirectivesNode)selection)) with { Nesting = one.Nesting + 1 });
        }

        return size;
    }

    // One that holds itself is refused by the validator; here it counts once.
    private Size MeasureFragment(string name, int level)
    {
        if (!_fragments.TryGetValue(name, out var measured) && _definitions.TryGetValue(name, out var definition) && _open.Add(name))
        {
            measured = Measure(definition.SelectionSet, level);
            _fragments[name] = measured;
            _open.Remove(name);
        }

        return measured;
    }

    private static int Count(IHasDirectivesNode node) => node.Directives?.Items.Sum(directive => 1 + (directive.Arguments?.Count ?? 0)) ?? 0;

    // Sums stop growing where they are too large: fragments in fragments grow exponentially.
    private readonly record struct Size(int Depth, int Nesting, int Selections)
    {
        public Size And(int more) => this with { Selections = Math.Min(Selections + more, MaxSelections + 1) };

        public Size With(Size next) => new(Math.Max(Depth, next.Depth), Math.Max(Nesting, next.Nesting), Math.Min(Selections + next.Selections, MaxSelections + 1));
    }
}
