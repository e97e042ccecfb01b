using Meerkat.Core.Configuration;

namespace Meerkat.Modules.PrivateStorage;

/// <summary>Options of <c>mod_private</c>: a <c>[modules.mod_private]</c> table.</summary>
public sealed record PrivateStorageOptions
{
    /// <summary><c>backend</c>: where fragments are kept. Default <c>mnesia</c>, the embedded store.</summary>
    public PersistentBackend Backend { get; init; } = PersistentBackend.Mnesia;
}
