using Meerkat.Core.Configuration;

namespace Meerkat.Admin.Monitoring;

/// <summary>A part of the configuration as it was loaded.</summary>
/// <param name="Name">Its name: <c>general</c>, <c>modules.mod_mam</c>.</param>
/// <param name="Entries">What is set in it, defaults too; secrets without their values.</param>
public sealed record ConfigurationSection(string Name, IReadOnlyList<ConfigEntry> Entries);
