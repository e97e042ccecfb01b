using System.Diagnostics.CodeAnalysis;
using GraphQL;
using GraphQL.Execution;
using GraphQL.SystemTextJson;
using GraphQL.Validation;
using GraphQL.Validation.Errors;
using GraphQL.Validation.Rules;
using GraphQL.Validation.Rules.Custom;
using GraphQLParser;
using GraphQLParser.AST;
using GraphQLParser.Exceptions;
using Meerkat.Admin.Http;
using Meerkat.Core.Hosts;
using Microsoft.Extensions.Logging;

namespace Meerkat.Admin.GraphQL;

/// <summary>Executes requests against one schema, in the order of the reference: parse, check types, read variables, check permissions, check the kind of operation, execute (GQL, request pipeline).</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class ApiExecutor
{
    private const string RefusalKey = "refusal";

    // Of the library's rules these are left out: clients written against the reference may leave variables and fragments unused.
    private static readonly IValidationRule[] s_rules = [.. DocumentValidator.CoreRules.Where(rule => rule is not (NoUnusedVariables or NoUnusedFragments))];
    private static readonly IValidationRule[] s_withoutIntrospection = [.. s_rules, NoIntrospectionValidationRule.Instance];

    private readonly ApiSchema _api;
    private readonly ILogger _log;
    private readonly GraphQLSerializer _serializer = new(new ErrorFormat());
    private readonly DocumentExecuter _executer;

    /// <summary>An executor for a schema.</summary>
    public ApiExecutor(ApiSchema api, DomainTable domains, ILogger log)
    {
        _api = api;
        _log = log;
        _executer = new DocumentExecuter(new GraphQLDocumentBuilder(), new CheckedValidator(new Permissions(api, domains)));
    }

    /// <summary>Executes a query or a mutation.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="categories">The categories that are allowed; null for all.</param>
    /// <param name="introspection">Whether the schema may be asked for.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<ApiAnswer> ExecuteAsync(ApiRequest request, ApiCaller caller, IReadOnlyCollection<string>? categories, bool introspection, CancellationToken ct) =>
        (await SubscribeAsync(request, caller, categories, introspection, ct)).Answer!;

    /// <summary>Executes a query or a mutation, or opens a subscription where the caller wants events.</summary>
    /// <inheritdoc cref="ExecuteAsync"/>
    /// <returns>An answer; or, where that is null, a stream of answers.</returns>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one request: it is logged and answered.")]
    public async Task<(ApiAnswer? Answer, ApiStream? Stream)> SubscribeAsync(ApiRequest request, ApiCaller caller, IReadOnlyCollection<string>? categories, bool introspection, CancellationToken ct)
    {
        try
        {
            if (Parse(request, out var document, out var operation) is { } refusal)
            {
                return (refusal, null);
            }

            var options = new ExecutionOptions
            {
                Schema = _api.Schema,
                Document = document,
                Query = request.Query,
                OperationName = operation!.Name?.StringValue,
                Variables = Variables(request),
                ValidationRules = introspection ? s_rules : s_withoutIntrospection,
                UserContext = new Dictionary<string, object?> { [OperationField.CallerKey] = caller, [CategoryField.AllowedKey] = categories },
                CancellationToken = ct,
            };
            var result = await _executer.ExecuteAsync(options);
            return options.UserContext.TryGetValue(RefusalKey, out var told) && told is ApiAnswer answer ? (answer, null)
                : result.Streams is { Count: 1 } streams ? (null, new ApiStream(streams.Values.Single(), _serializer))
                : !result.Executed ? (Refuse(result), null)
                : (await SerializeAsync(result, ct), null);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            GraphQLLog.Failed(_log, failure);
            return (ApiAnswer.Refusal(500, "internal_server_error", "The request failed; the server's log has the details"), null);
        }
    }

    private static ApiAnswer? Parse(ApiRequest request, out GraphQLDocument? document, out GraphQLOperationDefinition? operation)
    {
        document = null;
        operation = null;
        try
        {
            document = Parser.Parse(request.Query, new ParserOptions { Ignore = IgnoreOptions.Comments, MaxDepth = ApiLimits.MaxParserDepth });
        }
        catch (GraphQLMaxDepthExceededException)
        {
            return ApiAnswer.Refusal(400, "query_too_complex", $"The document is nested deeper than {ApiLimits.MaxParserDepth}");
        }
        catch (GraphQLParserException syntax)
        {
            return ApiAnswer.Refusal(400, "parser_error", syntax.Message);
        }

        if (ApiLimits.Exceeded(document) is { } excess)
        {
            return ApiAnswer.Refusal(400, "query_too_complex", $"The request is too large: {excess}");
        }

        var operations = document.Definitions.OfType<GraphQLOperationDefinition>().ToList();
        if (request.OperationName is { } name)
        {
            operation = operations.FirstOrDefault(candidate => candidate.Name?.StringValue == name);
        }
        else if (operations.Count > 1)
        {
            return ApiAnswer.Refusal(200, "more_than_one_operation", "The document has several operations, and none was chosen"); // GQL-HTTP-10
        }
        else
        {
            operation = operations.FirstOrDefault();
        }

        return operation is null ? ApiAnswer.Refusal(400, "operation_not_found", "There is no such operation in the document") : null;
    }

    // GQL-HTTP-09: what is null was not given.
    private Inputs Variables(ApiRequest request)
    {
        if (request.Variables is not { } given)
        {
            return Inputs.Empty;
        }

        var all = _serializer.ReadNode<Inputs>(given) ?? Inputs.Empty;
        return new Inputs(all.Where(variable => variable.Value is not null).ToDictionary(variable => variable.Key, variable => variable.Value));
    }

    private ApiAnswer Refuse(ExecutionResult result)
    {
        // A type that is not there makes other rules fail as well, and is what the client has to know.
        var error = result.Errors!.FirstOrDefault(found => found is KnownTypeNamesError) ?? result.Errors![0];
        var message = ErrorCodes.Refused(error)?.Message ?? error.Message;
        return ApiAnswer.Refusal(400, ErrorCodes.Of(error, _api.Schema), message);
    }

    private async Task<ApiAnswer> SerializeAsync(ExecutionResult result, CancellationToken ct)
    {
        using var buffer = new MemoryStream();
        await _serializer.WriteAsync(buffer, result, ct);
        return new ApiAnswer(200, buffer.ToArray());
    }

    // Permissions and the kind of operation come after the validation, and see arguments as their scalars have read them.
    private sealed class CheckedValidator(Permissions permissions) : IDocumentValidator
    {
        private readonly DocumentValidator _validator = new();

        public Task<IValidationResult> ValidateAsync(in ValidationOptions options) =>
            CheckAsync(_validator.ValidateAsync(options), options.Document, options.Operation, options.UserContext);

        private async Task<IValidationResult> CheckAsync(Task<IValidationResult> validating, GraphQLDocument document, GraphQLOperationDefinition operation, IDictionary<string, object?> context)
        {
            var result = await validating;
            if (!result.IsValid)
            {
                return result;
            }

            if (result.ArgumentValues?.Values.SelectMany(arguments => arguments).FirstOrDefault(argument => !PlainText.IsAll(argument.Value.Value)).Key is { } wrong)
            {
                return Refuse(context, ApiAnswer.Refusal(400, "input_coercion", $"The text of {wrong} {PlainText.Rule}: not_text"));
            }

            var caller = (ApiCaller)context[OperationField.CallerKey]!;
            try
            {
                permissions.Check(document, operation, result, caller);
            }
            catch (PermissionException refused)
            {
                return Refuse(context, ApiAnswer.Refusal(401, "no_permissions", refused.Message, refused.Path));
            }

            if (caller.Role is not ApiRole.Admin && result.ArgumentValues?.Values.Any(ApiLimits.IsTooLong) == true)
            {
                return Refuse(context, ApiAnswer.Refusal(400, "query_too_complex", $"The arguments of one operation may have {ApiLimits.MaxArguments} bytes"));
            }

            return operation.Operation is OperationType.Subscription != caller.Transport is ApiTransport.ServerSentEvents
                ? Refuse(context, ApiAnswer.Refusal(400, "unsupported_operation", "Subscriptions are served as event streams, and nothing else is"))
                : result;
        }

        private static ValidationResult Refuse(IDictionary<string, object?> context, ApiAnswer answer)
        {
            context[RefusalKey] = answer;
            return new ValidationResult(new ValidationError("refused"));
        }
    }
}
