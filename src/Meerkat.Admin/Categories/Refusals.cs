using Meerkat.Admin.GraphQL;

namespace Meerkat.Admin.Categories;

/// <summary>Refusals that several categories have.</summary>
internal static class Refusals
{
    /// <summary>The domain is not served here.</summary>
    public static OperationException DomainNotFound(string domain) => new("domain_not_found", $"{domain} is not served here", ("domain", domain));

    /// <summary>The value, or a refusal when there is none.</summary>
    public static T OrRefuse<T>(this T? value, OperationException refusal)
        where T : class => value ?? throw refusal;

    /// <summary>The value, or a refusal when there is none.</summary>
    public static T OrRefuse<T>(this T? value, OperationException refusal)
        where T : struct => value ?? throw refusal;

    /// <summary>A count as GraphQL has numbers.</summary>
    public static int ToInt(this long count) => (int)Math.Min(count, int.MaxValue);
}
