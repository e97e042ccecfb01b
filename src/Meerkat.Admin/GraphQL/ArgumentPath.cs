using System.Collections;
using GraphQL.Execution;
using Meerkat.Xmpp;

namespace Meerkat.Admin.GraphQL;

/// <summary>Finds the values that a dotted name of a directive stands for: <c>user</c>, <c>user.jid</c>, <c>contacts.jid</c> (GQL-PROT-06).</summary>
internal static class ArgumentPath
{
    /// <summary>The domains, or names of host types, that an argument names.</summary>
    /// <returns>One for each value, null where a value is missing; none for an empty list.</returns>
    public static IEnumerable<string?> Domains(IDictionary<string, ArgumentValue>? arguments, string path)
    {
        var names = path.Split('.');
        object? value = arguments is not null && arguments.TryGetValue(names[0], out var found) ? found.Value : null;
        return Values(value, names.AsMemory(1)).Select(leaf => leaf switch
        {
            Jid jid => jid.Domain,
            string text => text,
            _ => null,
        });
    }

    private static IEnumerable<object?> Values(object? value, ReadOnlyMemory<string> rest) => value switch
    {
        IDictionary<string, object?> fields when rest.Length > 0 => Values(fields.TryGetValue(rest.Span[0], out var field) ? field : null, rest[1..]),
        IEnumerable list and not string => list.Cast<object?>().SelectMany(item => Values(item, rest)),
        _ => [value],
    };
}
