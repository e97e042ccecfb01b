namespace Meerkat.Admin.Rest;

/// <summary>One operation of a REST interface: where it is, what it wants, what it does.</summary>
/// <param name="Part">The part of the interface that it belongs to, a value of the option <c>handlers</c>.</param>
/// <param name="Method">The method of HTTP, in upper case.</param>
/// <param name="Path">Its path below the handler's, segments that are read in braces: <c>/users/{domain}</c>.</param>
/// <param name="Run">Does it.</param>
internal sealed record RestOperation(Enum Part, string Method, string Path, Func<RestCall, ValueTask<RestAnswer>> Run)
{
    /// <summary>What it does, for people.</summary>
    public string Summary { get; init; } = "";

    /// <summary>Parameters of the query string; others are refused. Null where nobody looks at it.</summary>
    public IReadOnlyList<RestField>? Query { get; init; }

    /// <summary>Members of the JSON object in the body; null where there is no body.</summary>
    public IReadOnlyList<RestField>? Body { get; init; }

    /// <summary>The status of a success.</summary>
    public int Success { get; init; } = 200;

    /// <summary>The status of a success that is done later; null where there is none.</summary>
    public int? Later { get; init; }

    /// <summary>The media type of what a success brings. Refusals are JSON.</summary>
    public string Produces { get; init; } = "application/json";

    /// <summary>The statuses of its refusals, beside those that every operation has.</summary>
    public IReadOnlyList<int> Refusals { get; init; } = [];

    /// <summary>Whether it answers for a path that others have and this method has not: it is no part of the documentation.</summary>
    public bool IsHidden { get; init; }

    /// <summary>The segments of <see cref="Path"/>.</summary>
    public IReadOnlyList<string> Segments { get; } = Path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The same at another path, where clients of the reference may look for it.</summary>
    public RestOperation Also(string path) => new(Part, Method, path, Run) { Query = Query, Body = Body, IsHidden = true };

    /// <summary>Reads a path; null when it is not this operation's.</summary>
    /// <param name="path">The segments of a path, decoded.</param>
    public Dictionary<string, string>? Match(IReadOnlyList<string> path)
    {
        if (path.Count != Segments.Count)
        {
            return null;
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < path.Count; i++)
        {
            var segment = Segments[i];
            if (segment[0] == '{' ? path[i].Length == 0 : segment != path[i])
            {
                return null;
            }

            if (segment[0] == '{')
            {
                values[segment[1..^1]] = path[i];
            }
        }

        return values;
    }
}

/// <summary>A value that an operation reads.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type in OpenAPI: <c>string</c>, <c>integer</c>, <c>boolean</c>, <c>array</c> of strings, <c>object</c>.</param>
/// <param name="Description">What it is, for people.</param>
/// <param name="IsRequired">Whether it must be there.</param>
internal sealed record RestField(string Name, string Type, string Description, bool IsRequired = true);
