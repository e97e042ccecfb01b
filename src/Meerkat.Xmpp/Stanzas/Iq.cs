using Meerkat.Xml;

namespace Meerkat.Xmpp;

/// <summary>The kinds of IQ (RFC 6120 §8.2.3).</summary>
public enum IqType
{
    /// <summary>Asks for something.</summary>
    Get,

    /// <summary>Changes something.</summary>
    Set,

    /// <summary>Answers a get or set.</summary>
    Result,

    /// <summary>Answers a get or set that failed.</summary>
    Error,

    /// <summary>None of the above: answered with <c>bad-request</c> (CORE-146).</summary>
    Invalid,
}

/// <summary>An IQ stanza (RFC 6120 §8.2.3).</summary>
public sealed class Iq : Stanza
{
    internal Iq(StanzaHeader header)
        : base(header) => Type = ReadType(header.Type);

    private Iq(Iq other, Jid? from, Jid? to, Appendix? appended)
        : base(other, from, to, appended) => Type = other.Type;

    /// <summary>The type.</summary>
    public IqType Type { get; }

    /// <inheritdoc/>
    public override bool IsError => Type is IqType.Error;

    /// <inheritdoc/>
    public override string Kind => "iq";

    /// <summary>Whether it wants an answer.</summary>
    public bool IsRequest => Type is IqType.Get or IqType.Set;

    /// <summary>Whether it is an IQ at all: of a known type, and with exactly one child where it is a request. What is not is answered with <c>bad-request</c> (RFC 6120 §8.2.3, CORE-146).</summary>
    public bool IsValid => Type is not IqType.Invalid && (!IsRequest || Element.Children.Count == 1);

    /// <summary>The first child, or null when there is none.</summary>
    public XmlElement? Payload => Element.FirstChild;

    /// <summary>A new IQ.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="from">Sender.</param>
    /// <param name="to">Recipient.</param>
    /// <param name="id">Its id.</param>
    /// <param name="payload">Its child, or null for none.</param>
    public static Iq Create(IqType type, Jid? from, Jid? to, string? id, XmlElement? payload)
    {
        var builder = new XmlBuilder("iq", Ns.Client).Attribute("type", TypeName(type)).Attribute("id", id);
        if (payload is { } child)
        {
            builder.Add(child);
        }

        return new Iq(new StanzaHeader(builder.Build(), from, to, null));
    }

    /// <summary>The result of a request, with its addresses swapped.</summary>
    /// <remarks>A request without an id is answered with <c>id=''</c> (CORE-349).</remarks>
    public static Iq Result(Iq request, XmlElement? payload) =>
        Create(IqType.Result, request.To, request.From, request.Id ?? "", payload);

    /// <inheritdoc/>
    public override Iq Readdress(Jid? from, Jid? to) => new(this, from, to, Appended);

    /// <inheritdoc/>
    public override Iq Append(XmlElement element) => new(this, From, To, new Appendix(element, Appended));

    /// <inheritdoc/>
    public override Iq WithElement(XmlElement element) => new(HeaderOver(element));

    private static string TypeName(IqType type) => type switch
    {
        IqType.Get => "get",
        IqType.Set => "set",
        IqType.Result => "result",
        _ => "error",
    };

    private static IqType ReadType(ReadOnlySpan<byte> type) =>
        type.SequenceEqual("get"u8) ? IqType.Get
        : type.SequenceEqual("set"u8) ? IqType.Set
        : type.SequenceEqual("result"u8) ? IqType.Result
        : type.SequenceEqual("error"u8) ? IqType.Error
        : IqType.Invalid;
}
