namespace Meerkat.Core.Routing;

/// <summary>How the sending of a stanza went. The words of the reference's interfaces are these names in <c>snake_case</c>.</summary>
public enum StanzaResult
{
    /// <summary>Handed to the sender's hooks and, unless one of them stopped it, routed.</summary>
    Ok,

    /// <summary>The sender is no account of this server.</summary>
    UnknownUser,

    /// <summary>The stanza has no <c>to</c>.</summary>
    NoRecipient,

    /// <summary>Its <c>to</c> is no JID.</summary>
    InvalidRecipient,

    /// <summary>The stanza has no <c>from</c>.</summary>
    NoSender,

    /// <summary>Its <c>from</c> is no JID of an account.</summary>
    InvalidSender,

    /// <summary>The element is no message, presence or IQ that a client may send.</summary>
    InvalidStanza,
}
