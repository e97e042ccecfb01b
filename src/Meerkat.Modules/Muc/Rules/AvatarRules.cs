using System.Security.Cryptography;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>The room's vCard with its avatar (XEP-0486, XEP-0054, XEP-0153). Pure.</summary>
internal static class AvatarRules
{
    // An avatar is sent to whoever asks; XEP-0153 wants 8 KiB, clients send more.
    private const int MaxBytes = 256 * 1024;

    /// <returns>The result or error.</returns>
    public static Stanza Handle(Turn turn, Iq iq, XmlElement vcard)
    {
        if (iq.Type is IqType.Get)
        {
            return turn.State.VCard is { } own ? Iq.Result(iq, own) : StanzaReplies.ErrorFor(iq, StanzaError.ItemNotFound())!;
        }

        if (turn.AffiliationOf(iq.From!) is not Affiliation.Owner)
        {
            return StanzaReplies.ErrorFor(iq, StanzaError.Forbidden("Only owners are allowed to set avatars."))!;
        }

        if (vcard.Raw.Length > MaxBytes)
        {
            return StanzaReplies.ErrorFor(iq, StanzaError.NotAcceptable("The vCard is too large."))!;
        }

        turn.State = turn.State with { VCard = vcard.Children.Count == 0 ? null : vcard.Detach() };
        turn.Saves = true;
        OwnerRules.Announce(turn, 104); // XEP-0486 §3.1
        ShowTo(turn);
        return Iq.Result(iq, null);
    }

    /// <summary>The hashes of the avatar, one for each form in which it is there (XEP-0486 §3.2, XEP-0153 §3.1): SHA-1 of its bytes in hexadecimal; none where there is no avatar.</summary>
    public static IReadOnlyList<string> HashesOf(XmlElement? vcard) =>
        [.. vcard?.Children.ToArray().Where(child => child.Name == "PHOTO").Select(HashOf).OfType<string>() ?? []];

    private static string? HashOf(XmlElement photo)
    {
        if (photo.ChildText("BINVAL") is not { } text)
        {
            return null;
        }

        var base64 = string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) && length > 0 ? Convert.ToHexStringLower(Hash(bytes.AsSpan(0, length))) : null;
    }

    // COMPAT: clients that learn of a room's avatar by presence from its bare address, as they do of a contact's.
    private static void ShowTo(Turn turn)
    {
        var x = new XmlBuilder("x", Ns.VCardUpdate).Element("photo", HashesOf(turn.State.VCard) is [var first, ..] ? first : null).Build();
        turn.ToAll(Presence.Create(PresenceType.Available, turn.Room, null, x));
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "The protocol's name for an image.")]
    private static byte[] Hash(ReadOnlySpan<byte> image) => SHA1.HashData(image);
}
