using Meerkat.Core.Configuration;

namespace Meerkat.Modules.LastActivity;

/// <summary>Options of <c>mod_last</c>: a <c>[modules.mod_last]</c> table.</summary>
public sealed record LastActivityOptions
{
    /// <summary><c>backend</c>: where last activities are kept. Default <c>mnesia</c>, the embedded store.</summary>
    public PersistentBackend Backend { get; init; } = PersistentBackend.Mnesia;
}
