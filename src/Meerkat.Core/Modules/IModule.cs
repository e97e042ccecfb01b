namespace Meerkat.Core.Modules;

/// <summary>A feature of a host type: attributes say what it is, the constructor what it needs, <see cref="Register"/> what it offers.</summary>
/// <remarks>
/// One instance for each host type that has it. The constructor may take its options record, stores, contracts that other modules offer
/// (nullable ones are null when nobody does), <see cref="Hosts.HostType"/>, and what <see cref="Hosts.ServerContext"/> gives: router, directory, placement, clock, loggers.
/// There is no stop: what was registered is data, and the host type takes it back when it is replaced.
/// </remarks>
public interface IModule
{
    /// <summary>Says what the module offers. Called once, before the host type serves anybody.</summary>
    void Register(IModuleRegistry on);
}
