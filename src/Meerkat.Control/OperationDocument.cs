using System.Text;

namespace Meerkat.Control;

/// <summary>Writes the document of one operation: every argument a variable, every field of the result selected (CLI-03).</summary>
internal static class OperationDocument
{
    // A type within itself is expanded twice.
    private const int MaxNesting = 2;

    /// <summary>The document.</summary>
    /// <param name="catalogue">Knows the types.</param>
    /// <param name="category">The category's name.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="arguments">Names of the arguments that were given.</param>
    public static string Write(ApiCatalogue catalogue, string category, ApiOperation operation, IReadOnlyCollection<string> arguments)
    {
        var given = operation.Field.Arguments.Where(argument => arguments.Contains(argument.Name)).ToList();
        var text = new StringBuilder(operation.Kind);
        if (given.Count > 0)
        {
            text.Append(" (").AppendJoin(", ", given.Select(argument => $"${argument.Name}: {argument.Type}")).Append(')');
        }

        text.Append(" { ").Append(category).Append(" { ").Append(operation.Field.Name);
        if (given.Count > 0)
        {
            text.Append('(').AppendJoin(", ", given.Select(argument => $"{argument.Name}: ${argument.Name}")).Append(')');
        }

        Select(catalogue, operation.Field.Type.Named.Name!, text, []);
        return text.Append(" } }").ToString();
    }

    private static void Select(ApiCatalogue catalogue, string type, StringBuilder text, List<string> around)
    {
        var fields = catalogue.FieldsOf(type);
        var members = catalogue.MembersOf(type);
        if (fields.Count == 0 && members.Count == 0)
        {
            return;
        }

        text.Append(" { ");
        if (around.Count(name => name == type) >= MaxNesting)
        {
            text.Append("__typename }");
            return;
        }

        around.Add(type);
        foreach (var field in fields)
        {
            text.Append(field.Name);
            Select(catalogue, field.Type.Named.Name!, text, around);
            text.Append(' ');
        }

        foreach (var member in members)
        {
            text.Append("... on ").Append(member);
            Select(catalogue, member, text, around);
            text.Append(' ');
        }

        around.RemoveAt(around.Count - 1);
        text.Append('}');
    }
}
