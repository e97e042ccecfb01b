using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Meerkat.Xmpp;

/// <summary>A JID without a resource: an account (<c>localpart@domainpart</c>) or a domain (<c>domainpart</c>).</summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed class BareJid : Jid
{
    private readonly byte[] _buffer; // may be a full JID's, and go on behind _length
    private readonly int _length;
    private readonly int _localLength;
    private string? _local;
    private string? _domain;
    private BareJid? _domainJid;

    /// <param name="buffer">Prepared text form in UTF-8, kept.</param>
    /// <param name="localLength">Bytes of the localpart, 0 for none.</param>
    /// <param name="length">Bytes of the bare JID.</param>
    internal BareJid(byte[] buffer, int localLength, int length)
    {
        _buffer = buffer;
        _localLength = localLength;
        _length = length;
    }

    /// <inheritdoc/>
    public override BareJid Bare => this;

    /// <inheritdoc cref="Jid.Local"/>
    public new string? Local => HasLocal ? _local ??= Encoding.UTF8.GetString(LocalUtf8) : null;

    /// <inheritdoc cref="Jid.Domain"/>
    public new string Domain => _domain ??= DomainNames.Get(DomainUtf8);

    /// <summary>Always null.</summary>
    public override string? Resource => null;

    /// <summary>Whether this is an account's address rather than a domain's.</summary>
    public bool HasLocal => _localLength > 0;

    /// <summary>The prepared localpart in UTF-8; empty when there is none.</summary>
    public ReadOnlySpan<byte> LocalUtf8 => _buffer.AsSpan(0, _localLength);

    /// <summary>The prepared domainpart in UTF-8.</summary>
    public ReadOnlySpan<byte> DomainUtf8 => HasLocal ? _buffer.AsSpan(_localLength + 1, _length - _localLength - 1) : Utf8;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Utf8 => _buffer.AsSpan(0, _length);

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> AttributeUtf8 => Utf8; // neither nodeprep nor a domain lets a character through that needs escaping

    /// <summary>The domain's own JID; this one when there is no localpart.</summary>
    public BareJid DomainJid => HasLocal ? _domainJid ??= new BareJid(DomainUtf8.ToArray(), 0, _length - _localLength - 1) : this;

    /// <summary>Prepares the parts and joins them.</summary>
    /// <param name="local">The localpart; null for a domain's JID. Empty is no localpart and fails.</param>
    /// <param name="domain">The domainpart.</param>
    /// <param name="jid">The JID, or null when a part cannot be prepared or is too long.</param>
    public static bool TryCreate(string? local, string domain, [NotNullWhen(true)] out BareJid? jid) =>
        JidParser.TryJoin(local, domain, out jid);

    /// <summary>Parses and prepares a bare JID that is known to be one, such as a constant.</summary>
    /// <exception cref="FormatException">The text is no JID, or has a resource.</exception>
    public static new BareJid Parse(string text) =>
        TryParse(text, out Jid? jid) && jid is BareJid bare ? bare : throw new FormatException($"\"{text}\" is not a bare JID.");

    /// <summary>This JID with a resource that the caller knows to be good: prepared before, or made by us.</summary>
    /// <exception cref="ArgumentException">The resource is empty, too long, or resourceprep would refuse or change it.</exception>
    public FullJid WithResource(string preparedResource) =>
        FullJid.TryCreate(this, preparedResource, out var jid) && jid.Resource == preparedResource
            ? jid
            : throw new ArgumentException("The resource is not a prepared one.", nameof(preparedResource));
}
