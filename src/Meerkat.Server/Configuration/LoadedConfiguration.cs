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
        var shared = configuration.HostTypes.Values.Select(host => host.Modules).GroupBy(modules => modules).OrderByDescending(group => group.Count()).First().Key;
        sections.AddRange(Modules(shared, "modules"));
        foreach (var host in configuration.HostTypes.Values.Where(host => host.Modules != shared))
        {
            sections.AddRange(Modules(host.Modules, $"host_config \"{host.Name}\" modules"));
        }

        return sections;
    }

    private static IEnumerable<ConfigurationSection> Modules(ModuleSections modules, string path) =>
        modules.All.OrderBy(module => module.Name, StringComparer.Ordinal).Select(module => new ConfigurationSection($"{path}.{module.Name}", ConfigListing.Of(module.Options, $"{path}.{module.Name}")));
}
