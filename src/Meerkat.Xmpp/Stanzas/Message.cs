using Meerkat.Xml;

namespace Meerkat.Xmpp;

/// <summary>The kinds of message (RFC 6121 §5.2.2).</summary>
public enum MessageType
{
    /// <summary>Outside a conversation; also what an absent or unknown type means.</summary>
    Normal,

    /// <summary>Part of a one-to-one chat.</summary>
    Chat,

    /// <summary>To or from a room.</summary>
    Groupchat,

    /// <summary>An alert that needs no answer and is not stored.</summary>
    Headline,

    /// <summary>Answers a message that could not be delivered.</summary>
    Error,
}

/// <summary>Which of the copies of one message that its sender has sent to several sessions of one account by their full addresses, as a room does with a nick that they share.</summary>
/// <remarks>What is done once for an account (archive, inbox) is done with the first; all copies have one <see cref="Message.StableId"/>. Who is to see the message gets a copy: none is made beside (XEP-0280 §6).</remarks>
public enum MessageCopy
{
    /// <summary>There is no other.</summary>
    Only,

    /// <summary>The first: it stands for all.</summary>
    First,

    /// <summary>Another one.</summary>
    Further,
}

/// <summary>A message stanza (RFC 6121 §5).</summary>
public sealed class Message : Stanza
{
    internal Message(StanzaHeader header)
        : base(header) => Type = ReadType(header.Type);

    private Message(Message other, Jid? from, Jid? to, Appendix? appended)
        : base(other, from, to, appended)
    {
        Type = other.Type;
        StableId = other.StableId;
        Delivery = other.Delivery;
        Copy = other.Copy;
    }

    /// <summary>The type; an unknown one counts as <see cref="MessageType.Normal"/> (RFC 6121 §5.2.2).</summary>
    public MessageType Type { get; }

    /// <inheritdoc/>
    public override bool IsError => Type is MessageType.Error;

    /// <inheritdoc/>
    public override string Kind => "message";

    /// <summary>Text of the first <c>body</c>, or null when there is none.</summary>
    public string? Body => Element.ChildText("body");

    /// <summary>The number that the server knows the message by: the one that its archives use and that recipients see as a <c>stanza-id</c> (XEP-0359); 0 while nobody has given it one.</summary>
    /// <remarks>Never read from the wire, and kept by <see cref="Readdress"/> and <see cref="Append"/>.</remarks>
    public long StableId { get; private init; }

    /// <summary>What the sessions that got this message together know of each other; null when it went to one alone. Never written, and kept by copies.</summary>
    public SharedDelivery? Delivery { get; private init; }

    /// <summary>Which copy it is, where its sender has sent one message to several sessions of one account. Never written, and kept by copies.</summary>
    public MessageCopy Copy { get; private init; }

    /// <summary>The same message, as a copy of several.</summary>
    public Message WithCopy(MessageCopy copy) => new(this, From, To, Appended) { Copy = copy };

    /// <summary>The same message, on its way to several sessions; null for one alone.</summary>
    public Message WithDelivery(SharedDelivery? delivery) => Delivery == delivery ? this : new(this, From, To, Appended) { Delivery = delivery };

    /// <summary>The same message, known by a number.</summary>
    public Message WithStableId(long id) => new(this, From, To, Appended) { StableId = id };

    /// <summary>A new message.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="from">Sender.</param>
    /// <param name="to">Recipient.</param>
    /// <param name="id">Its id, or null for none.</param>
    /// <param name="children">Payload, in order; elements without a namespace of their own go into <c>jabber:client</c>.</param>
    public static Message Create(MessageType type, Jid? from, Jid? to, string? id, params IEnumerable<XmlElement> children)
    {
        var element = new XmlBuilder("message", Ns.Client).Attribute("type", TypeName(type)).Attribute("id", id).Add(children).Build();
        return new Message(new StanzaHeader(element, from, to, null));
    }

    /// <inheritdoc/>
    public override Message Readdress(Jid? from, Jid? to) => new(this, from, to, Appended);

    /// <inheritdoc/>
    public override Message Append(XmlElement element) => new(this, From, To, new Appendix(element, Appended));

    /// <inheritdoc/>
    public override Message WithElement(XmlElement element) => new(HeaderOver(element)) { StableId = StableId, Delivery = Delivery, Copy = Copy };

    private static string? TypeName(MessageType type) => type switch
    {
        MessageType.Chat => "chat",
        MessageType.Groupchat => "groupchat",
        MessageType.Headline => "headline",
        MessageType.Error => "error",
        _ => null,
    };

    private static MessageType ReadType(ReadOnlySpan<byte> type) =>
        type.IsEmpty ? MessageType.Normal
        : type.SequenceEqual("chat"u8) ? MessageType.Chat
        : type.SequenceEqual("groupchat"u8) ? MessageType.Groupchat
        : type.SequenceEqual("headline"u8) ? MessageType.Headline
        : type.SequenceEqual("error"u8) ? MessageType.Error
        : MessageType.Normal;
}
