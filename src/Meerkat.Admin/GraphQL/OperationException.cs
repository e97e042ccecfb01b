namespace Meerkat.Admin.GraphQL;

/// <summary>An operation refuses: the client gets its code and what goes with it in the error's <c>extensions</c>, under HTTP status 200.</summary>
/// <param name="code">A code of the reference's for this operation.</param>
/// <param name="message">What is wrong, for people.</param>
/// <param name="details">Further keys of <c>extensions</c>.</param>
internal sealed class OperationException(string code, string message, params (string Key, object? Value)[] details) : Exception(message)
{
    /// <summary>The code.</summary>
    public string Code => code;

    /// <summary>Further keys of <c>extensions</c>.</summary>
    public IReadOnlyList<(string Key, object? Value)> Details => details;

    /// <summary>Modules that the operation needs are not loaded (GQL-USE-05).</summary>
    public static OperationException NotLoaded(params string[] modules) =>
        new("deps_not_loaded", $"Some of the modules that this needs are not loaded: {string.Join(", ", modules)}", ("not_loaded_modules", modules));

    /// <summary>Services of the whole server that the operation needs are not configured (GQL-USE-05).</summary>
    public static OperationException NotOffered(params string[] services) =>
        new("deps_not_loaded", $"Some of the services that this needs are not configured: {string.Join(", ", services)}", ("not_loaded_services", services));
}
