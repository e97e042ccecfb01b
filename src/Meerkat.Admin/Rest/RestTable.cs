namespace Meerkat.Admin.Rest;

/// <summary>The operations of one REST interface. Immutable, safe for concurrent use.</summary>
/// <param name="operations">The operations; of two that have a path and a method in common the first counts.</param>
internal sealed class RestTable(IReadOnlyList<RestOperation> operations)
{
    /// <summary>The operations.</summary>
    public IReadOnlyList<RestOperation> Operations => operations;

    /// <summary>Those of the parts that a handler serves; null for all.</summary>
    public RestTable Only<T>(IReadOnlyCollection<T>? parts)
        where T : struct, Enum => parts is null ? this : new RestTable([.. operations.Where(operation => operation.Part is T part && parts.Contains(part))]);

    /// <summary>The operations of a path.</summary>
    /// <param name="path">The path below the handler's; a slash at its end counts for nothing (RST-GEN-03).</param>
    /// <returns>By method, each with what it reads from the path; empty when nothing is there.</returns>
    public IReadOnlyDictionary<string, (RestOperation Operation, Dictionary<string, string> Values)> Find(string path)
    {
        // The web server has decoded everything but the slash.
        var segments = path.Split('/').Skip(1).Select(segment => segment.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase)).ToList();
        if (segments is [.., ""])
        {
            segments.RemoveAt(segments.Count - 1);
        }

        var found = new Dictionary<string, (RestOperation, Dictionary<string, string>)>(StringComparer.Ordinal);
        foreach (var operation in operations)
        {
            if (!found.ContainsKey(operation.Method) && operation.Match(segments) is { } values)
            {
                found.Add(operation.Method, (operation, values));
            }
        }

        return found;
    }
}
