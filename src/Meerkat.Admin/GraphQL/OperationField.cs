using System.Diagnostics.CodeAnalysis;
using GraphQL;
using GraphQL.Resolvers;
using Microsoft.Extensions.Logging;

namespace Meerkat.Admin.GraphQL;

/// <summary>Runs an operation for its field: first what it needs, then the operation; what goes wrong becomes an error with a code.</summary>
internal sealed class OperationField(FieldRules rules, Requirements requirements, Func<OperationCall, ValueTask<object?>> run, ILogger log) : IFieldResolver
{
    /// <summary>Name in the user context under which the caller is found.</summary>
    public const string CallerKey = "caller";

    /// <inheritdoc/>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one operation: it is logged, and the client is told as little as the reference tells.")]
    public async ValueTask<object?> ResolveAsync(IResolveFieldContext context)
    {
        var caller = (ApiCaller)context.UserContext[CallerKey]!;
        if (context.Parent is null)
        {
            CategoryField.Check(context); // an operation of the root is its own category
        }

        try
        {
            requirements.Check(rules, context.Arguments, caller);
            return await run(new OperationCall(context, context.Arguments, caller));
        }
        catch (OperationException refused)
        {
            throw ToError(refused, null);
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception failure) when (failure is not ExecutionError)
        {
            GraphQLLog.Crashed(log, failure, context.ParentType.Name, context.FieldDefinition.Name);
            throw new ExecutionError($"{failure.GetType().Name}; the server's log has the details") { Code = "resolver_crash" };
        }
    }

    /// <summary>The error of an operation that refuses.</summary>
    /// <param name="refused">Why.</param>
    /// <param name="path">Where; null for the field itself.</param>
    public static ExecutionError ToError(OperationException refused, IEnumerable<object>? path)
    {
        var error = new ExecutionError(refused.Message) { Code = refused.Code };
        if (path is not null)
        {
            error.Path = path;
        }

        if (refused.Details.Count > 0)
        {
            error.Extensions = refused.Details.ToDictionary(detail => detail.Key, detail => Shown(detail.Value));
        }

        return error;
    }

    private static object? Shown(object? value) => value is Meerkat.Xmpp.Jid jid ? jid.ToString() : value is DateTimeOffset moment ? moment.UtcDateTime.ToString("O") : value;
}
