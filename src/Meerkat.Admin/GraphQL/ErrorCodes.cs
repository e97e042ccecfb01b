using GraphQL;
using GraphQL.Execution;
using GraphQL.Types;
using GraphQL.Validation;
using GraphQL.Validation.Errors;
using GraphQLParser.AST;
using Meerkat.Admin.GraphQL.Scalars;

namespace Meerkat.Admin.GraphQL;

/// <summary>The codes of the reference for what the GraphQL library finds wrong (GQL, error objects).</summary>
internal static class ErrorCodes
{
    /// <summary>The code of an error that was found before execution.</summary>
    /// <param name="error">It.</param>
    /// <param name="schema">The schema that it is about.</param>
    public static string Of(ExecutionError error, ISchema schema) => error switch
    {
        _ when Refused(error) is not null => "input_coercion",
        FieldsOnCorrectTypeError => "unknown_field",
        KnownArgumentNamesError => "unknown_argument",
        KnownFragmentNamesError => "unknown_fragment",
        KnownDirectivesError => "unknown_directive",
        KnownTypeNamesError => "type_not_found",
        DirectivesInAllowedLocationsError => "invalid_directive_location",
        ProvidedNonNullArgumentsError => "missing_non_null_param",
        NoFragmentCyclesError => "cycles_in_fragments",
        NoUndefinedVariablesError => "unbound_variable",
        ScalarLeafsError => error.Message.Contains("must not have", StringComparison.Ordinal) ? "selection_on_scalar" : "fieldless_object",
        UniqueArgumentNamesError or UniqueVariableNamesError => "param_not_unique",
        UniqueOperationNamesError or UniqueFragmentNamesError or LoneAnonymousOperationError => "not_unique",
        UniqueInputFieldNamesError => "input_object_not_unique",
        UniqueDirectivesPerLocationError => "directives_not_unique",
        PossibleFragmentSpreadsError or FragmentsOnCompositeTypesError => "fragment_spread",
        VariablesInAllowedPositionError or VariablesAreInputTypesError => "param_mismatch",
        ArgumentsOfCorrectTypeError or DefaultValuesOfCorrectTypeError or InvalidLiteralError or InvalidValueError => OfValue((ValidationError)error, schema),
        InvalidVariableError => OfVariable(error.Message),
        _ => "type_mismatch",
    };

    /// <summary>What a scalar of ours said; null when none did.</summary>
    public static ScalarException? Refused(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is ScalarException refused)
            {
                return refused;
            }
        }

        return null;
    }

    private static string OfValue(ValidationError error, ISchema schema)
    {
        var value = error.Nodes.Select(node => node is GraphQLArgument argument ? argument.Value : node as GraphQLValue).FirstOrDefault(node => node is not null);
        return error.Message.Contains("Unknown field", StringComparison.OrdinalIgnoreCase) ? "excess_fields_in_object"
            : error.Message.Contains("Missing required", StringComparison.OrdinalIgnoreCase) ? "missing_non_null_param"
            : value switch
            {
                GraphQLNullValue => "null_input",
                GraphQLEnumValue => "unknown_enum",
                GraphQLStringValue when schema.AllTypes.OfType<EnumerationGraphType>().Any(type => error.Message.Contains($"Expected type '{type.Name}", StringComparison.Ordinal)) => "enum_string_literal",
                GraphQLIntValue or GraphQLFloatValue or GraphQLStringValue or GraphQLBooleanValue => "input_coercion",
                _ => "type_mismatch",
            };
    }

    private static string OfVariable(string message) =>
        message.Contains("non-null", StringComparison.Ordinal) || message.Contains("null value", StringComparison.OrdinalIgnoreCase) ? "missing_non_null_param"
        : message.Contains("Unrecognized input fields", StringComparison.Ordinal) ? "excess_fields_in_object"
        : "input_coercion";
}

/// <summary>What a client is told of an error during execution: its code and what the operation added, no stack and nothing of the library's own.</summary>
internal sealed class ErrorFormat : IErrorInfoProvider
{
    /// <inheritdoc/>
    public ErrorInfo GetInfo(ExecutionError executionError)
    {
        var extensions = new Dictionary<string, object?> { ["code"] = Code(executionError) };
        foreach (var (key, value) in executionError.Extensions ?? [])
        {
            extensions[key] = value;
        }

        return new ErrorInfo { Message = executionError is UnhandledError ? "The answer could not be put together" : executionError.Message, Extensions = extensions };
    }

    private static string Code(ExecutionError error) =>
        error is UnhandledError ? "resolver_crash"
        : error is InvalidOperationError ? "null_value"
        : error.Code is { Length: > 0 } code ? code
        : "resolver_error";
}
