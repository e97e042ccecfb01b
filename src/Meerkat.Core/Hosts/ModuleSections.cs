using Meerkat.Core.Configuration;

namespace Meerkat.Core.Hosts;

/// <summary>The modules that the configuration of a host type names, with their sections. Modules that those need come on top, with their defaults (CONF-219).</summary>
/// <remarks>Immutable.</remarks>
public sealed class ModuleSections
{
    private readonly Dictionary<string, ModuleSection> _byName;

    /// <summary>Collects sections.</summary>
    public ModuleSections(IEnumerable<ModuleSection> sections)
    {
        All = [.. sections];
        _byName = All.ToDictionary(s => s.Name, StringComparer.Ordinal);
    }

    /// <summary>The sections in file order.</summary>
    public IReadOnlyList<ModuleSection> All { get; }

    /// <summary>Whether the module is named.</summary>
    public bool Contains(string module) => _byName.ContainsKey(module);

    /// <summary>The options that the file gives a module, or null when the file does not name it.</summary>
    public object? Options(string module) => _byName.GetValueOrDefault(module)?.Options;
}

/// <summary>One <c>[modules.&lt;name&gt;]</c> table.</summary>
/// <param name="Name">The module's key: <c>mod_roster</c>.</param>
/// <param name="Table">The table as it was read.</param>
/// <param name="Options">The table bound to the options record that the module declares.</param>
public sealed record ModuleSection(string Name, ConfigTable Table, object Options);

/// <summary>The options of a module that has none.</summary>
public sealed record NoOptions;
