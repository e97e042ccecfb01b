using Meerkat.Admin.Monitoring;
using Meerkat.Core.Configuration;
using Meerkat.Core.Hosts;

namespace Meerkat.Server.Configuration;

/// <summary>The configuration as administrators see it: every section with its defaults, without secrets.</summary>
internal static class LoadedConfiguration
{
    /// <summary>Lists a configuration: the sections of the file, then the modules, those of a host that has its own under its name.</summary>
    public static IReadOnlyList<ConfigurationSection> Of(MeerkatConfiguration configuration)
    {
        var sections = ConfigListing.SectionsOf(configuration.Sections).Select(section => new ConfigurationSection(section.Section, section.Entries)).ToList();
        var same = new SameSections();
        var shared = configuration.HostTypes.Values.Select(host => host.Modules).GroupBy(modules => modules, same).OrderByDescending(group => group.Count()).FirstOrDefault()?.Key ?? new ModuleSections([]);
        sections.AddRange(Modules(shared, "modules"));
        foreach (var host in configuration.HostTypes.Values.Where(host => !same.Equals(host.Modules, shared)))
        {
            sections.AddRange(Modules(host.Modules, $"host_config \"{host.Name}\" modules"));
        }

        return sections;
    }

    private static IEnumerable<ConfigurationSection> Modules(ModuleSections modules, string path) =>
        modules.All.OrderBy(module => module.Name, StringComparer.Ordinal).Select(module => new ConfigurationSection($"{path}.{module.Name}", ConfigListing.Of(module.Options, $"{path}.{module.Name}")));

    // Hosts without modules of their own have the sections of the file, if in lists of their own.
    private sealed class SameSections : IEqualityComparer<ModuleSections>
    {
        public bool Equals(ModuleSections? one, ModuleSections? other) => one!.All.Select(section => section.Options).SequenceEqual(other!.All.Select(section => section.Options), ReferenceEqualityComparer.Instance);

        public int GetHashCode(ModuleSections sections) => sections.All.Count;
    }
}
