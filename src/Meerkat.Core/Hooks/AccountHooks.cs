using Meerkat.Core.Hosts;
using Meerkat.Xmpp;

namespace Meerkat.Core.Hooks;

/// <summary>Who takes part when an account comes or goes.</summary>
public enum AccountSlot
{
    /// <summary>Tells the contacts (CORE-201).</summary>
    Roster,

    /// <summary>Takes it out of rooms (MUC-068).</summary>
    Rooms,

    /// <summary>Ends the account's sessions.</summary>
    Sessions,

    /// <summary>Forgets that the account exists (mod_cache_users).</summary>
    Cache,

    /// <summary>Whoever only looks.</summary>
    Observe,
}

/// <summary>Hooks of accounts.</summary>
public static class AccountHooks
{
    /// <summary>An account was registered (AUTH-019).</summary>
    public static readonly Hook<AccountContext, AccountSlot> Registered = new("account.registered");

    /// <summary>An account is being removed; its data are still there and go next (AUTH-019).</summary>
    public static readonly Hook<AccountContext, AccountSlot> Removing = new("account.removing");
}

/// <summary>An account and where it lives.</summary>
/// <param name="Host">Its host type.</param>
/// <param name="Account">The account.</param>
public sealed record AccountContext(HostType Host, BareJid Account);
