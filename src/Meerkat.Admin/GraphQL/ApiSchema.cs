using System.Text.RegularExpressions;
using GraphQL.Resolvers;
using GraphQL.Types;
using GraphQL.Utilities;
using GraphQLParser;
using GraphQLParser.AST;
using Meerkat.Admin.GraphQL.Scalars;
using Microsoft.Extensions.Logging;

namespace Meerkat.Admin.GraphQL;

/// <summary>A schema, made of the <c>.graphql</c> files of its folder and of <c>global</c>, and of what serves its operations.</summary>
/// <remarks>Schema first: names, arguments, types and descriptions stand in the files. An operation in a file that nothing serves, or one that no file has, fails the making. Immutable, safe for concurrent use.</remarks>
internal sealed partial class ApiSchema
{
    private readonly Dictionary<string, FieldRules> _rules = new(StringComparer.Ordinal);

    private ApiSchema(Schema schema, string text)
    {
        Schema = schema;
        Text = text;
    }

    /// <summary>The schema for the executor.</summary>
    public Schema Schema { get; }

    /// <summary>The files, joined.</summary>
    public string Text { get; }

    /// <summary>What the directives of a type say.</summary>
    public FieldRules RulesOf(string type) => _rules.GetValueOrDefault(type, FieldRules.None);

    /// <summary>What the directives of a field say.</summary>
    public FieldRules RulesOf(string type, string field) => _rules.GetValueOrDefault($"{type}.{field}", FieldRules.None);

    /// <summary>Makes a schema.</summary>
    /// <param name="folder">Its folder: <c>admin</c> or <c>user</c>.</param>
    /// <param name="map">What serves its operations.</param>
    /// <param name="requirements">Checks what operations need.</param>
    /// <param name="log">Told of operations that fail.</param>
    /// <exception cref="InvalidOperationException">Files and operations do not fit together.</exception>
    public static ApiSchema Create(string folder, OperationMap map, Requirements requirements, ILogger log)
    {
        var text = string.Join('\n', Files("global").Concat(Files(folder)));
        var document = Parser.Parse(text);
        var types = document.Definitions.OfType<GraphQLObjectTypeDefinition>().ToDictionary(type => type.Name.StringValue);
        var roots = document.Definitions.OfType<GraphQLSchemaDefinition>().Single().OperationTypes.Select(root => root.Type!.Name.StringValue).ToList();
        var categories = roots.SelectMany(root => types[root].Fields!.Items).Select(field => (field.Type as GraphQLNamedType)?.Name.StringValue).Where(name => name is not null && IsCategory(name)).Distinct().ToList();
        var unserved = roots.Concat(categories).SelectMany(type => types[type!].Fields!.Items.Select(field => (type, field)))
            .Where(entry => !(entry.field.Type is GraphQLNamedType { Name.StringValue: var result } && IsCategory(result)))
            .Select(entry => $"{entry.type}.{entry.field.Name.StringValue}").Where(name => !map.Operations.ContainsKey(name) && !map.Subscriptions.ContainsKey(name)).ToList();
        var unknown = map.Operations.Keys.Concat(map.Subscriptions.Keys).Concat(map.Values.Keys).Where(name => !(types.TryGetValue(name.Split('.')[0], out var type) && type.Fields!.Items.Any(field => field.Name.StringValue == name.Split('.')[1]))).ToList();
        if (unserved.Count > 0 || unknown.Count > 0)
        {
            throw new InvalidOperationException($"the {folder} schema and its operations do not fit together: nothing serves {string.Join(", ", unserved)}; no file has {string.Join(", ", unknown)}");
        }

        var rules = new Dictionary<string, FieldRules>(StringComparer.Ordinal);
        foreach (var type in types.Values)
        {
            var name = type.Name.StringValue;
            rules[name] = FieldRules.Of(type);
            foreach (var field in type.Fields?.Items ?? [])
            {
                rules[$"{name}.{field.Name.StringValue}"] = FieldRules.Of(field).Within(rules[name]);
            }
        }

        Schema? schema = null;
        schema = Schema.For(WithoutDirectives(text), builder =>
        {
            Configure(builder, types.Values, roots, map, rules, requirements, log);
            foreach (var union in document.Definitions.OfType<GraphQLUnionTypeDefinition>())
            {
                // What a member of a union is, its result says itself.
                builder.Types.For(union.Name.StringValue).ResolveType = value => (IObjectGraphType)schema!.AllTypes[((ResultFields)value).Type!]!;
            }
        });
        RegisterScalars(schema);
        schema.Features.RepeatableDirectives = schema.Features.DeprecationOfInputValues = true; // tools ask for what GraphQL has since 2021
        schema.Initialize();
        var api = new ApiSchema(schema, text);
        foreach (var (name, rule) in rules)
        {
            api._rules[name] = rule;
        }

        return api;
    }

    private static bool IsCategory(string type) =>
        type.EndsWith("AdminQuery", StringComparison.Ordinal) || type.EndsWith("AdminMutation", StringComparison.Ordinal) || type.EndsWith("AdminSubscription", StringComparison.Ordinal)
        || type.EndsWith("UserQuery", StringComparison.Ordinal) || type.EndsWith("UserMutation", StringComparison.Ordinal) || type.EndsWith("UserSubscription", StringComparison.Ordinal);

    private static IEnumerable<string> Files(string folder)
    {
        var assembly = typeof(ApiSchema).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith($"{folder}/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            yield return reader.ReadToEnd();
        }
    }

    private static void Configure(
        SchemaBuilder builder,
        IEnumerable<GraphQLObjectTypeDefinition> types,
        List<string> roots,
        OperationMap map,
        Dictionary<string, FieldRules> rules,
        Requirements requirements,
        ILogger log)
    {
        foreach (var type in types)
        {
            var name = type.Name.StringValue;
            foreach (var field in type.Fields?.Items ?? [])
            {
                var key = $"{name}.{field.Name.StringValue}";
                var config = builder.Types.For(name).FieldFor(field.Name.StringValue);
                if (roots.Contains(name) && field.Type is GraphQLNamedType { Name.StringValue: var category } && category.EndsWith("Subscription", StringComparison.Ordinal))
                {
                    config.StreamResolver = new SubscriptionField(category, map.Subscriptions, rules, requirements, log);
                    config.Resolver = EventField.Instance;
                    continue;
                }

                IFieldResolver resolver =
                    map.Subscriptions.ContainsKey(key) ? EventField.Instance
                    : map.Operations.TryGetValue(key, out var run) ? new OperationField(rules[key], requirements, run, log)
                    : map.Values.TryGetValue(key, out var compute) ? new FuncFieldResolver<object>(context => compute(context.Source!))
                    : roots.Contains(name) ? new CategoryField()
                    : ResultField.Instance;
                config.Resolver = resolver;
            }
        }
    }

    private static void RegisterScalars(Schema schema)
    {
        foreach (var scalar in (IEnumerable<ScalarGraphType>)
        [
            new JidScalar(), new BareJidScalar(), new FullJidScalar(), new LocalpartScalar("UserName", "user_name"), new LocalpartScalar("RoomName", "room_name"), new DomainNameScalar(),
            new ResourceNameScalar(), new NonEmptyStringScalar(), new BoundedIntScalar("PosInt", 1), new BoundedIntScalar("NonNegInt", 0), new DateTimeScalar(), new XmlElementScalar(),
        ])
        {
            schema.RegisterType(scalar);
        }
    }

    // What directives say is read here; the library would only check it again.
    private static string WithoutDirectives(string text) =>
        string.Join('\n', text.Split('\n').Select(line => line.StartsWith("directive", StringComparison.Ordinal) ? line : AppliedDirective().Replace(line, "")));

    [GeneratedRegex("""\s@(protected|use)(\([^)]*\))?(?=\s|$)""")]
    private static partial Regex AppliedDirective();
}
