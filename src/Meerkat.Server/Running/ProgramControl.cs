using System.Reflection;
using System.Text.Json;
using Meerkat.Admin;
using Meerkat.Admin.Monitoring;
using Meerkat.Core.Hosts;
using Meerkat.Server.Configuration;

namespace Meerkat.Server.Running;

/// <summary>What an administrator may do to the program itself.</summary>
/// <param name="configuration">The configuration that it runs with.</param>
/// <param name="folder">Its data folder.</param>
/// <param name="log">The level of the log.</param>
/// <param name="tail">The last entries of the log.</param>
/// <param name="time">The clock.</param>
public sealed class ProgramControl(MeerkatConfiguration configuration, DataFolder folder, LogSwitch log, LogTail tail, TimeProvider time) : IServerControl, IDisposable
{
    // GQA-SERVER-09: long enough for the answer to leave.
    private static readonly TimeSpan s_delay = TimeSpan.FromMilliseconds(500);

    private readonly TaskCompletionSource<bool> _stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ITimer? _timer;

    /// <summary>Ends when the server is to stop, with whether it is to start again.</summary>
    public Task<bool> Stopping => _stop.Task;

    /// <inheritdoc/>
    public string NodeName { get; } = configuration.Cluster?.Node ?? $"meerkat@{Environment.MachineName.ToLowerInvariant()}";

    /// <inheritdoc/>
    public string DataFolder => folder.Path;

    /// <inheritdoc/>
    public string? CommitHash { get; } =
        typeof(ProgramControl).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+') is [_, var hash] ? hash : null;

    /// <inheritdoc/>
    public LogThreshold LogLevel
    {
        get => log.Threshold;
        set => log.Threshold = value;
    }

    /// <inheritdoc/>
    public LogTail Log => tail;

    /// <inheritdoc/>
    public string ConfigurationSource => configuration.Source;

    /// <inheritdoc/>
    public IReadOnlyList<ConfigurationSection> Configuration => LoadedConfiguration.Of(configuration);

    /// <inheritdoc/>
    public IReadOnlyList<string> Services { get; } = configuration.Services.Names;

    /// <inheritdoc/>
    public IReadOnlyList<string> InternalDatabases { get; } =
        [.. new[] { (Name: "cets", IsOn: configuration.InternalDatabases.Cets is not null), (Name: "mnesia", IsOn: configuration.InternalDatabases.Mnesia is not null) }.Where(database => database.IsOn).Select(database => database.Name)];

    /// <inheritdoc/>
    public IReadOnlyList<(string Module, IReadOnlyList<(string Key, string? Value)> Options)> ModulesOf(HostType host)
    {
        var sections = configuration.HostTypes[host.Name].Modules.All.ToDictionary(section => section.Name, section => section.Options);
        return [.. host.Modules.Keys.Order(StringComparer.Ordinal).Select(module => (module, BackendsOf(sections.GetValueOrDefault(module))))];
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> AuthMethodsOf(HostType host) => [.. host.Auth.Options.ActiveMethods.Select(method => method.ToString().ToLowerInvariant())];

    /// <inheritdoc/>
    public void StopSoon(bool restart) => _timer ??= time.CreateTimer(_ => _stop.TrySetResult(restart), null, s_delay, Timeout.InfiniteTimeSpan);

    /// <summary>The server stops now, and does not start again.</summary>
    public void Stop() => _stop.TrySetResult(false);

    /// <summary>The server stops now, and starts again: a node that was given up joins anew.</summary>
    public void Restart() => _stop.TrySetResult(true);

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    private static IReadOnlyList<(string Key, string? Value)> BackendsOf(object? options) =>
    [
        .. (options?.GetType().GetProperties() ?? []).Where(option => option.Name.EndsWith("Backend", StringComparison.Ordinal))
            .Select(option => (JsonNamingPolicy.SnakeCaseLower.ConvertName(option.Name), option.GetValue(options)?.ToString()?.ToLowerInvariant())).OrderBy(option => option.Item1, StringComparer.Ordinal),
    ];
}
