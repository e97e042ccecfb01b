using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Meerkat.Xmpp;

/// <summary>A JID with a resource: one session of an account, an occupant of a room, or a domain's resource.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed class FullJid : Jid
{
    private static readonly SearchValues<byte> MustBeEscaped = SearchValues.Create("&<>\"'"u8);

    private readonly byte[] _utf8;
    private readonly ushort _localLength;
    private readonly ushort _bareLength;
    private BareJid? _bare;
    private string? _resource;
    private byte[]? _attribute;

    /// <param name="utf8">Prepared text form in UTF-8, kept.</param>
    /// <param name="localLength">Bytes of the localpart, 0 for none.</param>
    /// <param name="bareLength">Bytes before the slash.</param>
    /// <param name="bare">The bare JID if it exists already.</param>
    internal FullJid(byte[] utf8, int localLength, int bareLength, BareJid? bare = null)
    {
        _utf8 = utf8;
        _localLength = (ushort)localLength;
        _bareLength = (ushort)bareLength;
        _bare = bare;
    }

    /// <inheritdoc/>
    public override BareJid Bare => _bare ??= new BareJid(_utf8, _localLength, _bareLength);

    /// <summary>The prepared resourcepart, never empty.</summary>
    public override string Resource => _resource ??= Encoding.UTF8.GetString(ResourceUtf8);

    /// <summary>The prepared resourcepart in UTF-8.</summary>
    public ReadOnlySpan<byte> ResourceUtf8 => _utf8.AsSpan(_bareLength + 1);

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Utf8 => _utf8;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> AttributeUtf8 => _attribute ??= Escaped();

    /// <summary>Prepares a resource and joins it to a bare JID.</summary>
    /// <param name="bare">The account's or the domain's JID.</param>
    /// <param name="resource">The resource as asked for.</param>
    /// <param name="jid">The JID, or null when the resource is empty, too long or cannot be prepared.</param>
    public static bool TryCreate(BareJid bare, string resource, [NotNullWhen(true)] out FullJid? jid) =>
        JidParser.TryJoin(bare, resource, out jid);

    /// <summary>Parses and prepares a full JID that is known to be one, such as a constant.</summary>
    /// <exception cref="FormatException">The text is no JID, or has no resource.</exception>
    public static new FullJid Parse(string text) =>
        TryParse(text, out Jid? jid) && jid is FullJid full ? full : throw new FormatException($"\"{text}\" is not a full JID.");

    private byte[] Escaped()
    {
        if (!ResourceUtf8.ContainsAny(MustBeEscaped))
        {
            return _utf8;
        }

        var escaped = new ArrayBufferWriter<byte>(_utf8.Length + 16);
        escaped.Write(_utf8.AsSpan(0, _bareLength + 1));
        var rest = ResourceUtf8;
        for (int at; (at = rest.IndexOfAny(MustBeEscaped)) >= 0; rest = rest[(at + 1)..])
        {
            escaped.Write(rest[..at]);
            escaped.Write(rest[at] switch
            {
                (byte)'&' => "&amp;"u8,
                (byte)'<' => "&lt;"u8,
                (byte)'>' => "&gt;"u8,
                (byte)'"' => "&quot;"u8,
                _ => "&apos;"u8,
            });
        }

        escaped.Write(rest);
        return escaped.WrittenSpan.ToArray();
    }
}
