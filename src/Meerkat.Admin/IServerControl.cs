using Meerkat.Admin.Monitoring;
using Meerkat.Core.Hosts;

namespace Meerkat.Admin;

/// <summary>What administration asks of the program around it. Safe for concurrent use.</summary>
public interface IServerControl
{
    /// <summary>Where the server runs, as sessions and the command line show it.</summary>
    string NodeName { get; }

    /// <summary>The server's data folder, absolute. What the administrator of a domain has written to disk goes below it.</summary>
    string DataFolder { get; }

    /// <summary>The commit that the program was built from; null where the build did not know it.</summary>
    string? CommitHash { get; }

    /// <summary>The least severe entry that is logged. May be set at any time, until the next start.</summary>
    LogThreshold LogLevel { get; set; }

    /// <summary>The services that are configured, by name, sorted.</summary>
    IReadOnlyList<string> Services { get; }

    /// <summary>Internal databases that the configuration switches on, by name.</summary>
    IReadOnlyList<string> InternalDatabases { get; }

    /// <summary>The modules of a host type with those of their options that say where data are kept.</summary>
    /// <returns>By name, options too; a value that is not set is null.</returns>
    IReadOnlyList<(string Module, IReadOnlyList<(string Key, string? Value)> Options)> ModulesOf(HostType host);

    /// <summary>The authentication methods of a host type, in their order.</summary>
    IReadOnlyList<string> AuthMethodsOf(HostType host);

    /// <summary>The last entries of the log.</summary>
    LogTail Log { get; }

    /// <summary>The file that the configuration came from, or that it is the built-in one.</summary>
    string ConfigurationSource { get; }

    /// <summary>The configuration as it was loaded, without secrets.</summary>
    IReadOnlyList<ConfigurationSection> Configuration { get; }

    /// <summary>Stops the server a moment later.</summary>
    /// <param name="restart">Whether it starts again, with its configuration read anew.</param>
    void StopSoon(bool restart);
}
