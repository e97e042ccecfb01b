using System.Buffers;
using System.Globalization;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Connections.Bosh;

/// <summary>What a client sent in one HTTP request: the attributes of <c>body</c> and what is in it.</summary>
/// <param name="Head">The start tag of <c>body</c>.</param>
/// <param name="Elements">Its children, in order.</param>
/// <param name="Fault">Why there is no more than this: the terminal condition to answer with (XEP-0124 §17.2); null when all of it was understood.</param>
internal sealed record BoshRequest(XmlElement Head, IReadOnlyList<XmlElement> Elements, string? Fault)
{
    // XEP-0124 §14.1: clients may count in doubles.
    private const long MaxRid = 9_007_199_254_740_991;

    /// <summary>The session id; null when a session is to start.</summary>
    public string? Sid => Head.IsDefault ? null : Head.Attribute("sid");

    /// <summary>The request id; 0 when there is none that could be.</summary>
    public long Rid { get; } = Head.IsDefault ? 0 : Number(Head.Attribute("rid"), MaxRid) ?? 0;

    /// <summary>Whether the client ends the session (XEP-0124 §13).</summary>
    public bool IsTerminate { get; } = !Head.IsDefault && Head.Attribute("type") == "terminate";

    /// <summary>Whether the stream starts again (XEP-0206 §5).</summary>
    public bool IsRestart => Head.Attribute("restart", Ns.XmppBosh) is "true" or "1";

    /// <summary>The pause that is asked for, as it stands; null for none (XEP-0124 §10).</summary>
    public string? Pause { get; } = Head.IsDefault ? null : Head.Attribute("pause");

    /// <summary>Whether one more request than usual may be open for it (XEP-0124 §11).</summary>
    public bool IsExtra => IsTerminate || Pause is not null;

    /// <summary>The highest request whose answer the client has; null when it does not say.</summary>
    public long? Ack => Number(Head.Attribute("ack"), MaxRid);

    /// <summary>The key of this request (XEP-0124 §15).</summary>
    public string? Key => Head.Attribute("key");

    /// <summary>The first key of a new sequence.</summary>
    public string? NewKey => Head.Attribute("newkey");

    /// <summary>Reads the body of an HTTP request.</summary>
    /// <param name="body">All of it, or as much as was taken.</param>
    /// <param name="limits">What one child may be like.</param>
    /// <param name="isWhole">False when the body was longer than is taken.</param>
    public static BoshRequest Read(ReadOnlySequence<byte> body, XmlLimits limits, bool isWhole)
    {
        var framer = new XmlFramer(limits);
        XmlElement head = default;
        List<XmlElement>? elements = null;
        try
        {
            while (framer.TryRead(ref body, out var frame))
            {
                switch (frame.Kind)
                {
                    case XmlFrameKind.StreamStart when frame.Element.Is("body", Ns.HttpBind):
                        head = frame.Element;
                        break;
                    case XmlFrameKind.Element:
                        (elements ??= []).Add(InContent(frame.Element, limits));
                        break;
                    case XmlFrameKind.StreamEnd:
                        return new(head, elements ?? (IReadOnlyList<XmlElement>)[], null);
                    default:
                        return new(default, [], BoshCondition.BadRequest);
                }
            }
        }
        catch (XmlFormatException malformed)
        {
            return new(head, [], malformed.Fault is XmlFault.TooBig ? BoshCondition.PolicyViolation : BoshCondition.BadRequest);
        }

        framer.Reset(); // gives back what it had rented for the rest
        return new(head, [], isWhole ? BoshCondition.BadRequest : BoshCondition.PolicyViolation);
    }

    /// <summary>A decimal number from 0 up to a maximum; null when it is none.</summary>
    public static long? Number(string? text, long max) =>
        text is { Length: > 0 and <= 18 } && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= max ? number : null;

    // COMPAT: clients that leave the namespace of a stanza out mean jabber:client, though by XML it is that of body (CORE-266).
    private static XmlElement InContent(XmlElement element, XmlLimits limits) =>
        element.IsIn(Ns.HttpBind) ? XmlElement.Parse(element.Raw, Ns.Client, limits) : element;
}
