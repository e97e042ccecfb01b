using System.Collections;
using GraphQL;
using GraphQL.Execution;
using Meerkat.Xmpp;

namespace Meerkat.Admin.GraphQL;

/// <summary>One call of an operation: its arguments as their scalars have read them, and who calls.</summary>
/// <remarks>The schema has checked types and nullability before: an argument that must be there is.</remarks>
internal sealed class OperationCall(IResolveFieldContext context, IDictionary<string, ArgumentValue>? arguments, ApiCaller caller)
{
    /// <summary>Who calls.</summary>
    public ApiCaller Caller => caller;

    /// <summary>The account of the caller; for operations of the user's schema.</summary>
    public BareJid Self => caller.Jid!;

    /// <summary>Gives up.</summary>
    public CancellationToken Ct => context.CancellationToken;

    /// <summary>An argument that must be there.</summary>
    public T Get<T>(string name) => (T)arguments![name].Value!;

    /// <summary>An argument that may be missing: null then.</summary>
    public T? Find<T>(string name)
        where T : class => arguments is not null && arguments.TryGetValue(name, out var found) ? (T?)found.Value : null;

    /// <summary>A number or moment that may be missing: null then.</summary>
    public T? FindValue<T>(string name)
        where T : struct => arguments is not null && arguments.TryGetValue(name, out var found) ? (T?)found.Value : null;

    /// <summary>A text that must be there.</summary>
    public string Text(string name) => Get<string>(name);

    /// <summary>An address that must be there.</summary>
    public Jid Jid(string name) => Get<Jid>(name);

    /// <summary>The values of a list; null when it is missing.</summary>
    public IReadOnlyList<T>? FindList<T>(string name) => Find<IEnumerable>(name) is { } list ? [.. list.Cast<T>()] : null;

    /// <summary>The input objects of a list, each with its fields.</summary>
    public IReadOnlyList<IDictionary<string, object?>> Objects(string name) => FindList<IDictionary<string, object?>>(name)!;

    /// <summary>Runs an operation for each item: one that refuses becomes null and leaves its error at its place (GQL, error objects).</summary>
    public async ValueTask<List<string?>> ForEachAsync<T>(IEnumerable<T> items, Func<T, ValueTask<string>> run)
    {
        var results = new List<string?>();
        foreach (var item in items)
        {
            try
            {
                results.Add(await run(item));
            }
            catch (OperationException refused)
            {
                context.Errors.Add(OperationField.ToError(refused, [.. context.ResponsePath, results.Count]));
                results.Add(null);
            }
        }

        return results;
    }
}
