using System.Diagnostics.CodeAnalysis;

namespace Meerkat.Xmpp;

/// <summary>
/// The stringprep profiles of XMPP: nodeprep and resourceprep (RFC 6122 appendices A and B), nameprep (RFC 3491) and SASLprep
/// (RFC 4013), by RFC 3454's tables and Unicode 3.2. Pure and thread-safe.
/// </summary>
/// <remarks>
/// All return false when the text holds a prohibited character, an unpaired surrogate, or mixes directions against RFC 3454 §6.
/// Empty text is prepared to empty text: whether a part may be empty is for the caller.
/// Code points that Unicode 3.2 does not assign pass as they are unless the caller refuses them (RFC 3454 §7): a resource or a chat-room
/// nickname with an emoji is an everyday thing, and since the tables never change, what was prepared once stays prepared.
/// </remarks>
public static class Stringprep
{
    /// <summary>Prepares a localpart.</summary>
    /// <param name="text">Text as the peer or the administrator wrote it.</param>
    /// <param name="prepared">The prepared text; the same instance when nothing changed.</param>
    /// <param name="allowUnassigned">Whether code points that are not assigned in Unicode 3.2 pass.</param>
    public static bool TryNodeprep(string text, [NotNullWhen(true)] out string? prepared, bool allowUnassigned = true) =>
        StringprepProfile.Nodeprep.TryPrepare(text, allowUnassigned, out prepared);

    /// <summary>Prepares one label of a domain name; <see cref="Jid"/> and <see cref="Idna"/> split names into labels first.</summary>
    /// <param name="text">Text as the peer or the administrator wrote it.</param>
    /// <param name="prepared">The prepared text; the same instance when nothing changed.</param>
    /// <param name="allowUnassigned">Whether code points that are not assigned in Unicode 3.2 pass.</param>
    public static bool TryNameprep(string text, [NotNullWhen(true)] out string? prepared, bool allowUnassigned = true) =>
        StringprepProfile.Nameprep.TryPrepare(text, allowUnassigned, out prepared);

    /// <summary>Prepares a resource. The reference also prepares passwords so before it hashes them (AUTH-033).</summary>
    /// <param name="text">Text as the peer or the administrator wrote it.</param>
    /// <param name="prepared">The prepared text; the same instance when nothing changed.</param>
    /// <param name="allowUnassigned">Whether code points that are not assigned in Unicode 3.2 pass.</param>
    public static bool TryResourceprep(string text, [NotNullWhen(true)] out string? prepared, bool allowUnassigned = true) =>
        StringprepProfile.Resourceprep.TryPrepare(text, allowUnassigned, out prepared);

    /// <summary>Prepares a user name or a password of SASL.</summary>
    /// <param name="text">Text as the peer or the administrator wrote it.</param>
    /// <param name="prepared">The prepared text; the same instance when nothing changed.</param>
    /// <param name="allowUnassigned">Whether code points that are not assigned in Unicode 3.2 pass; RFC 4013 §2.5 wants false where the text is to be stored.</param>
    public static bool TrySaslprep(string text, [NotNullWhen(true)] out string? prepared, bool allowUnassigned = true) =>
        StringprepProfile.Saslprep.TryPrepare(text, allowUnassigned, out prepared);
}
