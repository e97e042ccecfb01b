using System.Text.Json;
using Meerkat.Admin.GraphQL;
using Xunit;

namespace Meerkat.Admin.Tests.GraphQL;

/// <summary>Types of the reference as <c>reference-schema.txt</c> has them, a field a line: names, arguments, defaults and nullability are a contract with its clients (GQA, GQU, §10). Categories of our own are beside them.</summary>
public sealed class ReferenceSchemaTests
{
    private const string TypeOf = "type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
    private const string Introspection = $$"""
        { __schema { types { kind name enumValues { name } possibleTypes { name } inputFields { name defaultValue {{TypeOf}} } fields { name args { name defaultValue {{TypeOf}} } {{TypeOf}} } } } }
        """;

    [Fact]
    public async Task No_type_of_the_reference_changes()
    {
        await using var stream = typeof(ReferenceSchemaTests).Assembly.GetManifestResourceStream("reference-schema.txt")!;
        using var reader = new StreamReader(stream);
        var expected = (await reader.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var types = expected.Select(NameOf).ToHashSet(StringComparer.Ordinal);
        await using var api = await ApiFixture.StartAsync();
        _ = ApiRequest.Read(Introspection, null, null, out var request);
        var served = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var answer in new[]
        {
            await api.Api.ExecuteAsync(request!, ApiFixture.Nobody, null, introspection: true, TestContext.Current.CancellationToken),
            await api.Api.ExecuteForUserAsync(request!, ApiFixture.Nobody, null, introspection: true, TestContext.Current.CancellationToken),
        })
        {
            foreach (var type in JsonDocument.Parse(answer.Body).RootElement.GetProperty("data").GetProperty("__schema").GetProperty("types").EnumerateArray().Where(type => types.Contains(Text(type, "name"))))
            {
                served.UnionWith(LinesOf(type));
            }
        }

        Assert.Equal(expected.Order(StringComparer.Ordinal), served);
    }

    private static string NameOf(string line) => line.Split('.', ' ')[0];

    private static IEnumerable<string> LinesOf(JsonElement type)
    {
        var name = Text(type, "name");
        return Text(type, "kind") switch
        {
            "ENUM" => [$"{name} = {string.Join(" | ", Items(type, "enumValues").Select(value => Text(value, "name")))}"],
            "UNION" => [$"{name} = {string.Join(" | ", Items(type, "possibleTypes").Select(value => Text(value, "name")))}"],
            "INPUT_OBJECT" => Items(type, "inputFields").Select(field => $"{name}.{Argument(field)}"),
            _ => Items(type, "fields").Select(field => $"{name}.{Text(field, "name")}{Arguments(field)}: {Shown(field.GetProperty("type"))}"),
        };
    }

    private static string Arguments(JsonElement field) => Items(field, "args") is { Count: > 0 } arguments ? $"({string.Join(", ", arguments.Select(Argument))})" : "";

    private static string Argument(JsonElement argument) =>
        $"{Text(argument, "name")}: {Shown(argument.GetProperty("type"))}{(argument.GetProperty("defaultValue").GetString() is { } value ? $" = {value}" : "")}";

    private static string Shown(JsonElement type) => Text(type, "kind") switch
    {
        "NON_NULL" => $"{Shown(type.GetProperty("ofType"))}!",
        "LIST" => $"[{Shown(type.GetProperty("ofType"))}]",
        _ => Text(type, "name"),
    };

    private static List<JsonElement> Items(JsonElement type, string name) => type.GetProperty(name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : [];

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
