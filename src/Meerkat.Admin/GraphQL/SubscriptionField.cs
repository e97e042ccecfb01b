using System.Diagnostics.CodeAnalysis;
using GraphQL;
using GraphQL.Resolvers;
using Microsoft.Extensions.Logging;

namespace Meerkat.Admin.GraphQL;

/// <summary>A category of subscriptions: opens the source of the one that is selected in it (GQL, subscriptions over SSE).</summary>
/// <param name="category">The category's type.</param>
/// <param name="subscriptions">What opens sources, by <c>Type.field</c>.</param>
/// <param name="rules">What the directives say.</param>
/// <param name="requirements">Checks what they need.</param>
/// <param name="log">Told of sources that cannot be opened.</param>
internal sealed class SubscriptionField(
    string category,
    IReadOnlyDictionary<string, Func<OperationCall, ValueTask<IAsyncEnumerable<object>>>> subscriptions,
    IReadOnlyDictionary<string, FieldRules> rules,
    Requirements requirements,
    ILogger log) : ISourceStreamResolver
{
    /// <inheritdoc/>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one operation: it is logged, and the client is told as little as the reference tells.")]
    public async ValueTask<IObservable<object?>> ResolveAsync(IResolveFieldContext context)
    {
        CategoryField.Check(context);
        var selected = context.SubFields?.Values.Where(field => subscriptions.ContainsKey($"{category}.{field.FieldType.Name}")).ToList() ?? [];
        if (selected is not [var (field, type)])
        {
            throw OperationField.ToError(new OperationException("unsupported_operation", "One subscription has to be selected, and no more"), null);
        }

        var name = $"{category}.{type.Name}";
        var caller = (ApiCaller)context.UserContext[OperationField.CallerKey]!;
        var arguments = context.ExecutionContext.ArgumentValues is { } all && all.TryGetValue(field, out var given) ? given : null;
        try
        {
            requirements.Check(rules[name], arguments, caller);
            return new EventSource(await subscriptions[name](new OperationCall(context, arguments, caller)));
        }
        catch (OperationException refused)
        {
            throw OperationField.ToError(refused, [context.FieldAst.Name.StringValue, field.Alias?.Name.StringValue ?? type.Name]);
        }
        catch (Exception failure) when (failure is not (ExecutionError or OperationCanceledException))
        {
            GraphQLLog.Crashed(log, failure, category, type.Name);
            throw new ExecutionError($"{failure.GetType().Name}; the server's log has the details") { Code = "resolver_crash" };
        }
    }
}

/// <summary>A field below a subscription's root: it is the event.</summary>
internal sealed class EventField : IFieldResolver
{
    /// <summary>The one that there is.</summary>
    public static readonly EventField Instance = new();

    /// <inheritdoc/>
    public ValueTask<object?> ResolveAsync(IResolveFieldContext context) => new(context.Source);
}

/// <summary>A source of events as the GraphQL library wants it: pushed to one observer.</summary>
internal sealed class EventSource(IAsyncEnumerable<object> events) : IObservable<object?>
{
    /// <inheritdoc/>
    public IDisposable Subscribe(IObserver<object?> observer)
    {
        var pump = new Pump();
        _ = pump.RunAsync(events, observer);
        return pump;
    }

    private sealed class Pump : IDisposable
    {
        private readonly CancellationTokenSource _over = new();

        [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The observer is told.")]
        public async Task RunAsync(IAsyncEnumerable<object> events, IObserver<object?> observer)
        {
            try
            {
                await foreach (var item in events.WithCancellation(_over.Token))
                {
                    observer.OnNext(item);
                }

                observer.OnCompleted();
            }
            catch (OperationCanceledException) when (_over.IsCancellationRequested)
            {
                // Nobody observes any more.
            }
            catch (Exception failure)
            {
                observer.OnError(failure);
            }
            finally
            {
                _over.Dispose();
            }
        }

        public void Dispose()
        {
            try
            {
                _over.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The source ended first.
            }
        }
    }
}
