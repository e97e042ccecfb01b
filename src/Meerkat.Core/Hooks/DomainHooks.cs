using Meerkat.Core.Hosts;
using Meerkat.Xmpp;

namespace Meerkat.Core.Hooks;

/// <summary>Who takes part when a domain is not served any more.</summary>
public enum DomainSlot
{
    /// <summary>Ends the rooms on the domain's service (mod_muc).</summary>
    Rooms,

    /// <summary>Forgets the rooms on the domain's service (mod_muc_light).</summary>
    LightRooms,

    /// <summary>Forgets what is remembered for the archives of accounts (mod_mam).</summary>
    Archive,

    /// <summary>Forgets what is remembered for the archives of rooms (mod_mam).</summary>
    RoomArchive,

    /// <summary>Forgets which accounts exist (mod_cache_users).</summary>
    Cache,

    /// <summary>Whoever only looks.</summary>
    Observe,
}

/// <summary>Hooks of domains that come and go while the server runs.</summary>
public static class DomainHooks
{
    /// <summary>A domain is not served on this node any more: it was disabled or is being removed. Its sessions have ended, its data are still there. What a module remembers of it in memory goes now:
    /// another node may change what is stored (CORE-240).</summary>
    public static readonly Hook<DomainContext, DomainSlot> Closed = new("domain.closed");
}

/// <summary>A domain and its host type.</summary>
/// <param name="Host">Its host type.</param>
/// <param name="Domain">The domain.</param>
public sealed record DomainContext(HostType Host, BareJid Domain);
