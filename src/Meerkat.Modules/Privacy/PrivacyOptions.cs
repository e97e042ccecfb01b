using Meerkat.Core.Configuration;

namespace Meerkat.Modules.Privacy;

/// <summary>Options of <c>mod_privacy</c>: a <c>[modules.mod_privacy]</c> table.</summary>
public sealed record PrivacyOptions
{
    /// <summary><c>backend</c>: where lists are kept. Default <c>mnesia</c>, the embedded store.</summary>
    public PersistentBackend Backend { get; init; } = PersistentBackend.Mnesia;
}
