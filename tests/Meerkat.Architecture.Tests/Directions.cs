namespace Meerkat.Architecture.Tests;

/// <summary>Which project may use what (architecture §3, house style "Which project").</summary>
internal static class Directions
{
    // A project that is not here is refused: whoever adds one says where it belongs.
    private static readonly (string Project, string[] MayUse)[] s_projects =
    [
        ("Meerkat.Xml", []),
        ("Meerkat.Xmpp", ["Meerkat.Xml"]),
        ("Meerkat.Core", ["Meerkat.Xml", "Meerkat.Xmpp"]),
        ("Meerkat.Modules", ["Meerkat.Xml", "Meerkat.Xmpp", "Meerkat.Core"]),
        ("Meerkat.Connections", ["Meerkat.Xml", "Meerkat.Xmpp", "Meerkat.Core"]),
        ("Meerkat.Cluster.*", ["Meerkat.Xml", "Meerkat.Xmpp", "Meerkat.Core"]),
        ("Meerkat.Admin", ["Meerkat.Xml", "Meerkat.Xmpp", "Meerkat.Core", "Meerkat.Modules", "Meerkat.Connections"]),
        ("Meerkat.Storage.*", ["Meerkat.Xml", "Meerkat.Xmpp", "Meerkat.Core", "Meerkat.Modules"]),
        ("Meerkat.Auth.*", ["Meerkat.Xml", "Meerkat.Xmpp", "Meerkat.Core", "Meerkat.Modules"]),
        ("Meerkat.Events.*", ["Meerkat.Xml", "Meerkat.Xmpp", "Meerkat.Core", "Meerkat.Modules"]),
        ("Meerkat.Server", ["Meerkat.*"]),
    ];

    // What each project may see of the world outside beside the base library; "*" stands for any end.
    private static readonly (string Project, string[] MaySee)[] s_outside =
    [
        ("Meerkat.Xml", []),
        ("Meerkat.Xmpp", ["BouncyCastle.Cryptography"]),
        ("Meerkat.Core", ["Microsoft.Extensions.*"]),
        ("Meerkat.Modules", ["Microsoft.Extensions.*", "BouncyCastle.Cryptography"]),
    ];

    // Orleans and its clients are one project's alone.
    private static readonly (string Project, string[] MustNotSee)[] s_clusters =
    [
        ("Meerkat.Cluster.*", []),
        ("Meerkat.*", ["Orleans*"]),
    ];

    // Parts of the base library that some projects must not see: no socket, no database. Core judges certificates of those whom pools connect to, and opens nothing.
    private static readonly (string Project, string[] MustNotSee)[] s_forbidden =
    [
        ("Meerkat.Xml", ["System.Net.*", "System.Data.*", "System.Xml*"]),
        ("Meerkat.Xmpp", ["System.Net.Sockets", "System.Net.Security", "System.Net.Http", "System.Data.*"]),
        ("Meerkat.Core", ["System.Net.Sockets", "System.Net.WebSockets", "System.Net.Http", "System.Data.*"]),
        ("Meerkat.Modules", ["System.Net.Sockets", "System.Net.Security", "System.Net.WebSockets", "System.Data.*"]),
        ("Meerkat.Connections", ["System.Data.*", "Microsoft.Data.*", "linq2db*", "Orleans*"]),
    ];

    /// <summary>What is wrong with the references of an assembly; one line each.</summary>
    public static IEnumerable<string> Violations(string project, IEnumerable<string> references)
    {
        if (Find(s_projects, project) is not { } mayUse)
        {
            return [$"{project} is not in the table of directions: say what it may use"];
        }

        var maySee = Find(s_outside, project);
        string[] mustNotSee = [.. Find(s_forbidden, project) ?? [], .. Find(s_clusters, project) ?? []];
        return references.Where(reference => !IsAllowed(reference)).Select(reference => $"{project} uses {reference}");

        bool IsAllowed(string reference) =>
            reference.StartsWith("Meerkat.", StringComparison.Ordinal) ? mayUse.Any(pattern => Fits(pattern, reference))
            : !mustNotSee.Any(pattern => Fits(pattern, reference)) && (IsBase(reference) || maySee is null || maySee.Any(pattern => Fits(pattern, reference)));
    }

    private static bool IsBase(string reference) => reference is "netstandard" or "mscorlib" or "System" || reference.StartsWith("System.", StringComparison.Ordinal);

    private static string[]? Find((string Project, string[] Value)[] table, string project) =>
        table.Where(row => Fits(row.Project, project)).Select(row => row.Value).FirstOrDefault();

    private static bool Fits(string pattern, string name) => pattern.EndsWith('*') ? name.StartsWith(pattern[..^1], StringComparison.Ordinal) : pattern == name;
}
