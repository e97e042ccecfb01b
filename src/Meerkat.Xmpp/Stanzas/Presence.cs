using System.Globalization;
using Meerkat.Xml;

namespace Meerkat.Xmpp;

/// <summary>The kinds of presence (RFC 6121 §4.7.1).</summary>
public enum PresenceType
{
    /// <summary>Available: no type, or the <c>available</c> that some clients send (CORE-156).</summary>
    Available,

    /// <summary>No longer available.</summary>
    Unavailable,

    /// <summary>Answers a presence that could not be delivered.</summary>
    Error,

    /// <summary>Asks for a contact's presence.</summary>
    Probe,

    /// <summary>Asks for a subscription.</summary>
    Subscribe,

    /// <summary>Grants a subscription.</summary>
    Subscribed,

    /// <summary>Ends the own subscription.</summary>
    Unsubscribe,

    /// <summary>Ends or refuses the other's subscription.</summary>
    Unsubscribed,

    /// <summary>None of the above: answered with <c>bad-request</c> (CORE-156).</summary>
    Invalid,
}

/// <summary>A presence stanza (RFC 6121 §4).</summary>
public sealed class Presence : Stanza
{
    internal Presence(StanzaHeader header)
        : base(header) => Type = ReadType(header.Type);

    private Presence(Presence other, Jid? from, Jid? to, Appendix? appended)
        : base(other, from, to, appended) => Type = other.Type;

    /// <summary>The type.</summary>
    public PresenceType Type { get; }

    /// <inheritdoc/>
    public override bool IsError => Type is PresenceType.Error;

    /// <inheritdoc/>
    public override string Kind => "presence";

    /// <summary>Whether it manages a subscription (RFC 6121 §3).</summary>
    public bool IsSubscription => Type is >= PresenceType.Subscribe and <= PresenceType.Unsubscribed;

    /// <summary>Priority, −128 to 127; 0 when absent, unreadable or out of range (CORE-158, PRE-005).</summary>
    public sbyte Priority =>
        sbyte.TryParse(Element.ChildText("priority"), NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var priority)
            ? priority
            : (sbyte)0;

    /// <summary>Text of <c>status</c>, or null when there is none.</summary>
    public string? Status => Element.ChildText("status");

    /// <summary>A new presence.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="from">Sender.</param>
    /// <param name="to">Recipient.</param>
    /// <param name="children">Payload, in order.</param>
    public static Presence Create(PresenceType type, Jid? from, Jid? to, params IEnumerable<XmlElement> children)
    {
        var element = new XmlBuilder("presence", Ns.Client).Attribute("type", TypeName(type)).Add(children).Build();
        return new Presence(new StanzaHeader(element, from, to, null));
    }

    /// <inheritdoc/>
    public override Presence Readdress(Jid? from, Jid? to) => new(this, from, to, Appended);

    /// <inheritdoc/>
    public override Presence Append(XmlElement element) => new(this, From, To, new Appendix(element, Appended));

    /// <inheritdoc/>
    public override Presence WithElement(XmlElement element) => new(HeaderOver(element));

    private static string? TypeName(PresenceType type) => type is PresenceType.Available ? null : type.ToString().ToLowerInvariant();

    private static PresenceType ReadType(ReadOnlySpan<byte> type) =>
        type.IsEmpty || type.SequenceEqual("available"u8) ? PresenceType.Available
        : type.SequenceEqual("unavailable"u8) ? PresenceType.Unavailable
        : type.SequenceEqual("error"u8) ? PresenceType.Error
        : type.SequenceEqual("probe"u8) ? PresenceType.Probe
        : type.SequenceEqual("subscribe"u8) ? PresenceType.Subscribe
        : type.SequenceEqual("subscribed"u8) ? PresenceType.Subscribed
        : type.SequenceEqual("unsubscribe"u8) ? PresenceType.Unsubscribe
        : type.SequenceEqual("unsubscribed"u8) ? PresenceType.Unsubscribed
        : PresenceType.Invalid;
}
