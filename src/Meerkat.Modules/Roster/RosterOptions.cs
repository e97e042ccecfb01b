using Meerkat.Core.Configuration;

namespace Meerkat.Modules.Roster;

/// <summary>Options of <c>mod_roster</c>: a <c>[modules.mod_roster]</c> table (CONF-271).</summary>
public sealed record RosterOptions
{
    /// <summary><c>versioning</c>: whether clients may keep a copy and ask whether it is current (RFC 6121 §2.6). Default: no.</summary>
    public bool Versioning { get; init; }

    /// <summary><c>store_current_id</c>: whether the version is kept in storage instead of being a hash of the items, computed on every request. Default: no.</summary>
    public bool StoreCurrentId { get; init; }

    /// <summary><c>backend</c>: where rosters are kept. Default <c>mnesia</c>, the embedded store.</summary>
    public PersistentBackend Backend { get; init; } = PersistentBackend.Mnesia;
}
