using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;

namespace Meerkat.Core.Hooks;

/// <summary>Who decides about privacy.</summary>
public enum PrivacySlot
{
    /// <summary>Privacy lists and the blocking list (XEP-0016, XEP-0191).</summary>
    Lists,
}

/// <summary>Hooks of privacy: how a module asks whether a stanza may pass without knowing who keeps the lists.</summary>
public static class PrivacyHooks
{
    /// <summary>May this stanza pass the account's list? Stop means: no.</summary>
    public static readonly Hook<PrivacyQuestion, PrivacySlot> Check = new("privacy.check");
}

/// <summary>A stanza that may be denied.</summary>
/// <param name="Host">Host type of the account.</param>
/// <param name="Account">Whose list decides.</param>
/// <param name="Session">Whose active list decides; null for the account's default list.</param>
/// <param name="Stanza">The stanza.</param>
/// <param name="Incoming">Whether it comes to the account (else it leaves it).</param>
public sealed record PrivacyQuestion(HostType Host, BareJid Account, Session? Session, Stanza Stanza, bool Incoming)
{
    /// <summary>Set by who denied: the answer came from a blocked JID (PRV-008).</summary>
    public bool Blocked { get; set; }
}
