using System.Globalization;

namespace Meerkat.Core.Configuration;

/// <summary>Collects everything that is to be said about a configuration, so that the operator sees all of it at once (CONF-017).</summary>
/// <remarks>Not thread-safe: one reading of one file fills it.</remarks>
public sealed class ConfigErrors
{
    private readonly List<ConfigProblem> _problems = [];
    private readonly HashSet<string> _withoutEffect = new(StringComparer.Ordinal);

    /// <summary>All findings, in file order.</summary>
    public IReadOnlyList<ConfigProblem> All => [.. _problems.OrderBy(p => p.Position.Line).ThenBy(p => p.Position.Column)];

    /// <summary>Mistakes in the file.</summary>
    public IReadOnlyList<ConfigProblem> Errors => [.. All.Where(p => p.Kind is ConfigProblemKind.Error)];

    /// <summary>Capabilities that the file asks for and that are not here.</summary>
    public IReadOnlyList<ConfigProblem> Missing => [.. All.Where(p => p.Kind is ConfigProblemKind.Missing)];

    /// <summary>Keys that are accepted without effect; each path once, where it first stands.</summary>
    public IReadOnlyList<ConfigProblem> WithoutEffect => [.. All.Where(p => p.Kind is ConfigProblemKind.NoEffect)];

    /// <summary>Whether the file has a mistake. A capability that is missing is not one.</summary>
    public bool HasErrors => _problems.Exists(p => p.Kind is ConfigProblemKind.Error);

    internal int Count(ConfigProblemKind kind) => _problems.Count(p => p.Kind == kind);

    /// <summary>Whether the server must not start with this file.</summary>
    /// <param name="allowMissing">The operator said that capabilities which are not here may be left out.</param>
    public bool Refuses(bool allowMissing) => HasErrors || (!allowMissing && _problems.Exists(p => p.Kind is ConfigProblemKind.Missing));

    /// <summary>Reports a mistake at a node.</summary>
    public void Add(ConfigNode at, string message, string reason = "invalid_value") => Add(at.Position, at.Path, message, reason);

    /// <summary>Reports a value that is wrong and is no secret.</summary>
    internal void AddValue(ConfigNode at, string message, string reason) =>
        _problems.Add(new(ConfigProblemKind.Error, at.Position, at.Path, message, reason) { Value = (at as ConfigValue)?.Value is { } value ? Convert.ToString(value, CultureInfo.InvariantCulture) : null });

    /// <summary>Reports a mistake at a place and key.</summary>
    public void Add(ConfigPosition at, string key, string message, string reason = "invalid_value") =>
        _problems.Add(new(ConfigProblemKind.Error, at, key, message, reason));

    /// <summary>Reports that the file asks for something that is not here.</summary>
    public void AddMissing(ConfigPosition at, string key, string message) =>
        _problems.Add(new(ConfigProblemKind.Missing, at, key, message, "not_available"));

    /// <summary>Notes a key that has no effect; the second time a path is named it is not noted again.</summary>
    public void AddWithoutEffect(ConfigPosition at, string key, string message)
    {
        if (_withoutEffect.Add(key))
        {
            _problems.Add(new(ConfigProblemKind.NoEffect, at, key, message, "no_effect"));
        }
    }
}
