using Meerkat.Core.Hosts;
using Meerkat.Core.Routing;
using Meerkat.Xmpp;

namespace Meerkat.Core.Hooks;

/// <summary>Who has a say before a client is asked something.</summary>
public enum IqToSessionSlot
{
    /// <summary>Who may ask a client how long it has been idle (LST-005).</summary>
    LastActivity,

    /// <summary>Nobody sets a vCard at a client (VCD-002).</summary>
    VCard,
}

/// <summary>Who has a say before somebody else is answered in an account's name.</summary>
public enum IqToAccountSlot
{
    /// <summary>Whom the account keeps out (PRV-009, XEP-0191 §3.3).</summary>
    Privacy,
}

/// <summary>Hooks of IQs.</summary>
public static class IqHooks
{
    /// <summary>A get or set is on its way to a local full JID. Stop keeps it from there.</summary>
    public static readonly Hook<IqToSession, IqToSessionSlot> ToSession = new("iq.to-session");

    /// <summary>A get or set of somebody else is about to be answered for a local account, at its bare JID. Stop keeps the module that serves it from being asked.</summary>
    public static readonly Hook<IqToAccount, IqToAccountSlot> ToAccount = new("iq.to-account");
}

/// <summary>A request to a client.</summary>
/// <param name="Host">Host type of the recipient.</param>
/// <param name="Iq">The request.</param>
/// <param name="To">Its recipient.</param>
public sealed record IqToSession(HostType Host, Iq Iq, FullJid To)
{
    /// <summary>The error that a handler which stopped the chain wants sent; null when it has answered itself.</summary>
    public StanzaError? Refusal { get; set; }
}

/// <summary>A request to an account, by somebody else.</summary>
/// <param name="Request">The request, with who asks.</param>
public sealed record IqToAccount(IqRequest Request)
{
    /// <summary>The error that a handler which stopped the chain wants sent; null when it has answered itself.</summary>
    public StanzaError? Refusal { get; set; }
}
