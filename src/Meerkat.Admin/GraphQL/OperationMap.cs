namespace Meerkat.Admin.GraphQL;

/// <summary>Collects what serves the fields of a schema while it is put together: <c>Type.field</c> to what runs.</summary>
internal sealed class OperationMap
{
    private readonly Dictionary<string, Func<OperationCall, ValueTask<object?>>> _operations = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Func<OperationCall, ValueTask<IAsyncEnumerable<object>>>> _subscriptions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Func<object, ValueTask<object?>>> _values = new(StringComparer.Ordinal);

    /// <summary>The operations by <c>Type.field</c>.</summary>
    public IReadOnlyDictionary<string, Func<OperationCall, ValueTask<object?>>> Operations => _operations;

    /// <summary>The subscriptions by <c>Type.field</c>: each opens a source of events.</summary>
    public IReadOnlyDictionary<string, Func<OperationCall, ValueTask<IAsyncEnumerable<object>>>> Subscriptions => _subscriptions;

    /// <summary>Fields of results that are computed when somebody selects them.</summary>
    public IReadOnlyDictionary<string, Func<object, ValueTask<object?>>> Values => _values;

    /// <summary>Serves an operation.</summary>
    /// <param name="type">The type that holds it: that of a category, or the root.</param>
    /// <param name="field">Its name.</param>
    /// <param name="run">Runs it.</param>
    public void Add<T>(string type, string field, Func<OperationCall, ValueTask<T>> run) => _operations.Add($"{type}.{field}", async call => await run(call));

    /// <summary>Serves an operation that does not wait.</summary>
    public void Add(string type, string field, Func<OperationCall, object?> run) => _operations.Add($"{type}.{field}", call => new ValueTask<object?>(run(call)));

    /// <summary>Serves a subscription.</summary>
    /// <param name="type">The type of the category.</param>
    /// <param name="field">Its name.</param>
    /// <param name="open">Opens a source, whose events are the results; what it holds it gives back when its reader ends.</param>
    public void Subscribe(string type, string field, Func<OperationCall, ValueTask<IAsyncEnumerable<object>>> open) => _subscriptions.Add($"{type}.{field}", open);

    /// <summary>Computes a field of a result.</summary>
    public void Value<TSource>(string type, string field, Func<TSource, ValueTask<object?>> compute) => _values.Add($"{type}.{field}", source => compute((TSource)source));
}

/// <summary>The operations of one category.</summary>
internal interface ICategory
{
    /// <summary>Adds the operations to the administrator's schema and to the user's.</summary>
    void Register(OperationMap admin, OperationMap user);
}
