using GraphQL;
using GraphQL.Resolvers;

namespace Meerkat.Admin.GraphQL;

/// <summary>A result whose fields are found by name: for types that are long, or that say themselves what they are.</summary>
/// <param name="type">The type within a union; null where that is clear.</param>
internal sealed class ResultFields(string? type = null) : Dictionary<string, object?>(StringComparer.Ordinal)
{
    /// <summary>The type within a union; null where that is clear.</summary>
    public string? Type => type;
}

/// <summary>Takes a field from a result: by key from <see cref="ResultFields"/>, else the property of that name.</summary>
internal sealed class ResultField : IFieldResolver
{
    /// <summary>The one that there is.</summary>
    public static readonly ResultField Instance = new();

    /// <inheritdoc/>
    public ValueTask<object?> ResolveAsync(IResolveFieldContext context) => context.Source is ResultFields fields
        ? new ValueTask<object?>(fields.GetValueOrDefault(context.FieldDefinition.Name))
        : NameFieldResolver.Instance.ResolveAsync(context);
}

/// <summary>A category of the root: an object that holds operations. One that the listener does not allow is refused (GQL, <c>allowed_categories</c>).</summary>
internal sealed class CategoryField : IFieldResolver
{
    /// <summary>Name in the user context under which the allowed categories are found.</summary>
    public const string AllowedKey = "allowed";

    private static readonly object s_category = new();

    /// <inheritdoc/>
    public ValueTask<object?> ResolveAsync(IResolveFieldContext context)
    {
        Check(context);
        return new ValueTask<object?>(s_category);
    }

    /// <summary>Refuses a root field whose category is not allowed.</summary>
    public static void Check(IResolveFieldContext context)
    {
        var name = context.FieldDefinition.Name;
        if (context.UserContext[AllowedKey] is IReadOnlyCollection<string> allowed && !allowed.Contains(name))
        {
            throw OperationField.ToError(new OperationException("category_disabled", $"The category {name} is not allowed here", ("category", name)), null);
        }
    }
}
