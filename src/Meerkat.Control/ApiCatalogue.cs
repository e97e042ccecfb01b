using System.Text.Json;

namespace Meerkat.Control;

/// <summary>A type as GraphQL's introspection tells it: a name, or a list or non-null type around another.</summary>
/// <param name="Kind">SCALAR, OBJECT, ENUM, INPUT_OBJECT, UNION, LIST or NON_NULL.</param>
/// <param name="Name">Its name; null for LIST and NON_NULL.</param>
/// <param name="Of">The type within; null for the others.</param>
public sealed record ApiTypeRef(string Kind, string? Name, ApiTypeRef? Of)
{
    /// <summary>The innermost type.</summary>
    public ApiTypeRef Named => Of?.Named ?? this;

    /// <summary>Whether a value must be given.</summary>
    public bool IsRequired => Kind == "NON_NULL";

    /// <summary>Whether it is a list, required or not.</summary>
    public bool IsList => Kind == "LIST" || (Kind == "NON_NULL" && Of!.IsList);

    /// <summary>In GraphQL's notation: <c>[JID!]!</c>.</summary>
    public override string ToString() => Kind switch
    {
        "NON_NULL" => $"{Of}!",
        "LIST" => $"[{Of}]",
        _ => Name!,
    };
}

/// <summary>An argument of an operation.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it means.</param>
/// <param name="Type">Its type.</param>
/// <param name="Default">What holds without it, as GraphQL writes it; null for nothing.</param>
public sealed record ApiArgument(string Name, string Description, ApiTypeRef Type, string? Default)
{
    /// <summary>Whether an operation cannot do without it.</summary>
    public bool IsMandatory => Type.IsRequired && Default is null;
}

/// <summary>A field: an operation of a category, or a part of a result.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it means.</param>
/// <param name="Type">Its type.</param>
/// <param name="Arguments">Its arguments.</param>
public sealed record ApiField(string Name, string Description, ApiTypeRef Type, IReadOnlyList<ApiArgument> Arguments);

/// <summary>An operation and where it stands.</summary>
/// <param name="Kind"><c>query</c>, <c>mutation</c> or <c>subscription</c>.</param>
/// <param name="Field">The operation.</param>
public sealed record ApiOperation(string Kind, ApiField Field);

/// <summary>A category of operations.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is about.</param>
/// <param name="Operations">By name.</param>
public sealed record ApiCategory(string Name, string Description, IReadOnlyList<ApiOperation> Operations);

/// <summary>What a server can do, as its schema tells (CLI-01).</summary>
public sealed class ApiCatalogue
{
    private const string TypeRef = "kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

    private const string Introspection = $$"""
        { __schema {
            queryType { name } mutationType { name } subscriptionType { name }
            types { kind name enumValues { name } possibleTypes { name }
                fields { name description type { {{TypeRef}} } args { name description defaultValue type { {{TypeRef}} } } } } } }
        """;

    private readonly Dictionary<string, JsonElement> _types;

    private ApiCatalogue(JsonElement schema)
    {
        _types = schema.GetProperty("types").EnumerateArray().ToDictionary(type => type.GetProperty("name").GetString()!);
        var categories = new SortedDictionary<string, (string Description, SortedDictionary<string, ApiOperation> Operations)>(StringComparer.Ordinal);
        foreach (var kind in (string[])["query", "mutation", "subscription"])
        {
            if (schema.GetProperty($"{kind}Type") is not { ValueKind: JsonValueKind.Object } root)
            {
                continue;
            }

            foreach (var category in FieldsOf(root.GetProperty("name").GetString()!).Where(field => field.Name != "checkAuth"))
            {
                if (!categories.TryGetValue(category.Name, out var known))
                {
                    categories[category.Name] = known = (category.Description, new(StringComparer.Ordinal));
                }

                foreach (var operation in FieldsOf(category.Type.Named.Name!))
                {
                    known.Operations[operation.Name] = new ApiOperation(kind, operation);
                }
            }
        }

        Categories = [.. categories.Select(category => new ApiCategory(category.Key, category.Value.Description, [.. category.Value.Operations.Values]))];
    }

    /// <summary>The categories, by name.</summary>
    public IReadOnlyList<ApiCategory> Categories { get; }

    /// <summary>Asks a server.</summary>
    /// <exception cref="UnreachableException">No server answers.</exception>
    public static async Task<ApiCatalogue> LoadAsync(ControlClient client)
    {
        var answer = await client.ExecuteAsync(Introspection);
        return new ApiCatalogue(answer.RootElement.GetProperty("data").GetProperty("__schema"));
    }

    /// <summary>Finds a category.</summary>
    /// <exception cref="CommandLineException">There is none.</exception>
    public ApiCategory Category(string name) =>
        Categories.FirstOrDefault(category => category.Name == name) ?? throw new CommandLineException($"Unknown category '{name}'", output => Help.Categories(this, output));

    /// <summary>The fields of a type; none for one that has none.</summary>
    public IReadOnlyList<ApiField> FieldsOf(string type) =>
        _types.TryGetValue(type, out var found) && found.GetProperty("fields") is { ValueKind: JsonValueKind.Array } fields ? [.. fields.EnumerateArray().Select(ReadField)] : [];

    /// <summary>The members of a union; none for another type.</summary>
    public IReadOnlyList<string> MembersOf(string type) =>
        _types.TryGetValue(type, out var found) && found.GetProperty("kind").GetString() == "UNION" ? [.. found.GetProperty("possibleTypes").EnumerateArray().Select(member => member.GetProperty("name").GetString()!)] : [];

    /// <summary>The values of an enumeration; none for another type.</summary>
    public IReadOnlyList<string> ValuesOf(string type) =>
        _types.TryGetValue(type, out var found) && found.GetProperty("enumValues") is { ValueKind: JsonValueKind.Array } values ? [.. values.EnumerateArray().Select(value => value.GetProperty("name").GetString()!)] : [];

    private static ApiField ReadField(JsonElement field) => new(
        field.GetProperty("name").GetString()!,
        field.GetProperty("description").GetString() ?? "",
        ReadType(field.GetProperty("type")),
        [.. field.GetProperty("args").EnumerateArray().Select(argument => new ApiArgument(
            argument.GetProperty("name").GetString()!,
            argument.GetProperty("description").GetString() ?? "",
            ReadType(argument.GetProperty("type")),
            argument.GetProperty("defaultValue").GetString()))]);

    private static ApiTypeRef ReadType(JsonElement type) => new(
        type.GetProperty("kind").GetString()!,
        type.GetProperty("name").GetString(),
        type.TryGetProperty("ofType", out var of) && of.ValueKind is JsonValueKind.Object ? ReadType(of) : null);
}
