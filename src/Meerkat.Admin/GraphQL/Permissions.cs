using GraphQL;
using GraphQL.Execution;
using GraphQL.Types;
using GraphQL.Validation;
using GraphQLParser.AST;
using Meerkat.Core.Hosts;
using Meerkat.Xmpp;

namespace Meerkat.Admin.GraphQL;

/// <summary>A request asks for what its caller may not have: the whole of it is refused (GQL-PROT-01 to GQL-PROT-08).</summary>
/// <param name="message">What is refused, and why.</param>
/// <param name="path">Operation, category, field.</param>
internal sealed class PermissionException(string message, IReadOnlyList<string> path) : Exception(message)
{
    /// <summary>Operation, category, field.</summary>
    public IReadOnlyList<string> Path => path;
}

/// <summary>Walks an operation and checks each category and field that is protected.</summary>
/// <param name="api">The schema with its rules.</param>
/// <param name="domains">What is served.</param>
internal sealed class Permissions(ApiSchema api, DomainTable domains)
{
    /// <summary>Checks the operation that will run, with arguments as they were read. What <c>@skip</c> and <c>@include</c> say does not matter.</summary>
    /// <exception cref="PermissionException">The caller may not.</exception>
    public void Check(GraphQLDocument document, GraphQLOperationDefinition operation, IValidationResult read, ApiCaller caller)
    {
        if (caller.Role is ApiRole.Admin)
        {
            return; // GQL-PROT-02
        }

        var root = operation.Operation switch
        {
            OperationType.Query => api.Schema.Query,
            OperationType.Mutation => api.Schema.Mutation,
            _ => api.Schema.Subscription,
        };
        if (root is null)
        {
            return; // the validator has said so
        }

        var path = new List<string> { operation.Name?.StringValue ?? "ROOT" };
        CheckType(root.Name, caller, path);
        Walk(document, operation.SelectionSet, root, read, caller, path);
    }

    private void Walk(GraphQLDocument document, GraphQLSelectionSet selections, IComplexGraphType type, IValidationResult read, ApiCaller caller, List<string> path)
    {
        foreach (var selection in selections.Selections)
        {
            switch (selection)
            {
                case GraphQLField field when type.GetField(field.Name) is { } definition:
                    CheckField(type.Name, field, read, caller, path);
                    if (field.SelectionSet is { } below && definition.ResolvedType?.GetNamedType() is IComplexGraphType result)
                    {
                        path.Add(field.Name.StringValue);
                        CheckType(result.Name, caller, path);
                        Walk(document, below, result, read, caller, path);
                        path.RemoveAt(path.Count - 1);
                    }

                    break;
                case GraphQLInlineFragment inline:
                    Walk(document, inline.SelectionSet, Narrowed(inline.TypeCondition, type), read, caller, path);
                    break;
                case GraphQLFragmentSpread spread when Fragment(document, spread) is { } fragment:
                    Walk(document, fragment.SelectionSet, Narrowed(fragment.TypeCondition, type), read, caller, path);
                    break;
            }
        }
    }

    private static GraphQLFragmentDefinition? Fragment(GraphQLDocument document, GraphQLFragmentSpread spread) =>
        document.Definitions.OfType<GraphQLFragmentDefinition>().FirstOrDefault(fragment => fragment.FragmentName.Name.StringValue == spread.FragmentName.Name.StringValue);

    private IComplexGraphType Narrowed(GraphQLTypeCondition? condition, IComplexGraphType type) =>
        condition is not null && api.Schema.AllTypes[condition.Type.Name] is IComplexGraphType narrower ? narrower : type;

    private void CheckType(string type, ApiCaller caller, List<string> path) => Check(api.RulesOf(type), null, caller, path, type);

    private void CheckField(string type, GraphQLField field, IValidationResult read, ApiCaller caller, List<string> path)
    {
        var name = field.Name.StringValue;
        var arguments = read.ArgumentValues is { } all && all.TryGetValue(field, out var given) ? given : null;
        Check(api.RulesOf(type, name), arguments, caller, [.. path, name], name);
    }

    private void Check(FieldRules rules, IDictionary<string, ArgumentValue>? arguments, ApiCaller caller, List<string> path, string what)
    {
        if (rules.Level is ProtectionLevel.None)
        {
            return;
        }

        if (caller.Role is ApiRole.Nobody)
        {
            throw new PermissionException("Credentials are needed", [path[0]]);
        }

        if (caller.Role is not ApiRole.DomainAdmin)
        {
            return;
        }

        if (rules.Level is ProtectionLevel.Global)
        {
            throw new PermissionException($"Only the administrator of the server may use {what}", [.. path]);
        }

        var foreign = rules.ProtectedArgs.Where(name => !ArgumentPath.Domains(arguments, name).All(domain => IsOwn(domain, caller.Domain!))).ToList();
        if (rules.Level is ProtectionLevel.Domain && foreign.Count > 0)
        {
            throw new PermissionException($"The administrator of {caller.Domain} may use {what} for that domain alone: {string.Join(", ", foreign)}", [.. path]);
        }
    }

    // GQL-PROT-04, GQL-PROT-05: its own domain or a subdomain of its; a missing value is none.
    private bool IsOwn(string? domain, string own) =>
        domain is not null && BareJid.TryCreate(null, domain, out var jid) && (jid.Domain == own || (domains.TryFind(jid.Domain, out var served) && served.Parent?.Domain == own));
}
