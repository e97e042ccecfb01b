using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Meerkat.Xmpp;

/// <summary>
/// The address of an XMPP entity, prepared by stringprep: <c>localpart@domainpart/resourcepart</c>, of which only the domain must be there.
/// It is either a <see cref="BareJid"/> or a <see cref="FullJid"/>.
/// </summary>
/// <remarks>
/// RFC 6122 (CORE-001, CORE-002); the split into parts and the trailing dot are RFC 7622 §3.2's. Immutable and thread-safe. Two JIDs are equal
/// when their prepared parts are; a bare JID never equals a full one.
/// The text form is kept as UTF-8, the strings are made when somebody asks for them and then kept.
/// </remarks>
public abstract class Jid : IEquatable<Jid>
{
    private string? _text;
    private int _hash;

    private protected Jid()
    {
    }

    /// <summary>This JID without its resource; itself when it has none.</summary>
    public abstract BareJid Bare { get; }

    /// <summary>The prepared localpart, or null when there is none.</summary>
    public string? Local => Bare.Local;

    /// <summary>The prepared domainpart, in Unicode form (CORE-004), without a trailing dot.</summary>
    public string Domain => Bare.Domain;

    /// <summary>The prepared resourcepart, or null for a bare JID.</summary>
    public abstract string? Resource { get; }

    /// <summary>Whether there is neither localpart nor resource.</summary>
    public bool IsDomain => this is BareJid { HasLocal: false };

    /// <summary>The prepared text form in UTF-8, not escaped.</summary>
    public abstract ReadOnlySpan<byte> Utf8 { get; }

    /// <summary>The text form in UTF-8, escaped so that it can stand in an attribute value between either quotes. Cached.</summary>
    public abstract ReadOnlySpan<byte> AttributeUtf8 { get; }

    /// <summary>Parses and prepares a JID.</summary>
    /// <param name="text">What the peer or the administrator wrote; null is no JID.</param>
    /// <param name="jid">The JID, or null when the text is none.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out Jid? jid)
    {
        jid = null;
        return text is not null && text.Length <= JidParser.MaxTextBytes && JidParser.TryParse(text, out jid);
    }

    /// <summary>Parses and prepares a JID. Prepared ASCII, which is what clients send, costs the JID and one copy of its bytes.</summary>
    /// <param name="utf8">The attribute's value with its entities decoded; what is not UTF-8 is no JID.</param>
    /// <param name="jid">The JID, or null when the text is none.</param>
    public static bool TryParse(ReadOnlySpan<byte> utf8, [NotNullWhen(true)] out Jid? jid) => JidParser.TryParse(utf8, out jid);

    /// <summary>Parses and prepares a JID that is known to be one, such as a constant.</summary>
    /// <exception cref="FormatException">The text is no JID.</exception>
    public static Jid Parse(string text) =>
        TryParse(text, out var jid) ? jid : throw new FormatException($"\"{text}\" is not a JID.");

    /// <summary>Whether both are the same address, or both null.</summary>
    public static bool operator ==(Jid? left, Jid? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether the addresses differ.</summary>
    public static bool operator !=(Jid? left, Jid? right) => !(left == right);

    /// <inheritdoc/>
    public bool Equals(Jid? other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }

        // Neither localpart nor domainpart can hold a separator, so that equal text means equal parts.
        return other is not null
            && (_hash == 0 || other._hash == 0 || _hash == other._hash)
            && Utf8.SequenceEqual(other.Utf8);
    }

    /// <inheritdoc/>
    public sealed override bool Equals(object? obj) => Equals(obj as Jid);

    /// <inheritdoc/>
    public sealed override int GetHashCode()
    {
        var hash = _hash;
        if (hash == 0)
        {
            hash = JidHash.Of(Utf8);
            _hash = hash;
        }

        return hash;
    }

    /// <summary>The prepared text form.</summary>
    public sealed override string ToString() => _text ??= Encoding.UTF8.GetString(Utf8);
}
