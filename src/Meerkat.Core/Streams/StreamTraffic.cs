using System.Buffers;
using System.Text;
using Meerkat.Core.Tracing;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Core.Streams;

/// <summary>Shows one client's stream to those who watch the traffic. There is one only where the service is configured.</summary>
/// <remarks>Passwords are not for them: of a log-in only the mechanism is shown, of an account that is registered or gets another password nothing but the namespace.</remarks>
/// <param name="watch">Those who watch.</param>
/// <param name="stream">The stream.</param>
/// <param name="time">The clock.</param>
internal sealed class StreamTraffic(TrafficWatch watch, ClientStream stream, TimeProvider time)
{
    private const string EndTag = "</stream:stream>";
    private static readonly string[] s_attributes = ["from", "to", "type", "id"];

    private readonly string _name = watch.NextName();

    /// <summary>The client sent something.</summary>
    public void Received(XmlFrame frame)
    {
        if (watch.IsWatched)
        {
            Show(frame.Element.IsDefault ? EndTag : Text(frame.Element), isFromClient: true);
        }
    }

    /// <summary>The client is sent something.</summary>
    /// <param name="item">A stanza, another element, a <see cref="StreamHeader"/>; anything else is the end of the stream.</param>
    public void Sent(object item)
    {
        if (watch.IsWatched)
        {
            Show(item switch { Stanza stanza => Text(stanza.ToElement()), XmlElement element => Text(element), StreamHeader header => Text(header), _ => EndTag }, isFromClient: false);
        }
    }

    private void Show(string xml, bool isFromClient) => watch.Show(new TracedElement(
        _name, stream.Session?.Jid ?? (Jid?)stream.Account, time.GetUtcNow(), isFromClient, xml.Length > TrafficWatch.MaxLength ? string.Concat(xml.AsSpan(0, TrafficWatch.MaxLength), "…") : xml));

    private static string Text(XmlElement element) => WithoutSecrets(element).ToString();

    private static string Text(StreamHeader header)
    {
        var tag = new ArrayBufferWriter<byte>(256);
        header.WriteTo(tag);
        return Encoding.UTF8.GetString(tag.WrittenSpan);
    }

    private static XmlElement WithoutSecrets(XmlElement element)
    {
        if (element.IsIn(Ns.Sasl) && element.Name is "auth" or "challenge" or "response" or "success")
        {
            return new XmlBuilder(element.Name, element.Namespace).Attribute("mechanism", element.Attribute("mechanism")).Build();
        }

        if (!element.Is("iq", Ns.Client) || !HasRegistration(element))
        {
            return element;
        }

        // An error brings back what was asked.
        var shown = new XmlBuilder("iq", Ns.Client);
        foreach (var name in s_attributes)
        {
            shown.Attribute(name, element.Attribute(name));
        }

        foreach (var child in element.Children)
        {
            _ = child.IsIn(Ns.Register) ? shown.Element(child.Name, child.Namespace, null) : shown.Add(child);
        }

        return shown.Build();
    }

    private static bool HasRegistration(XmlElement iq)
    {
        foreach (var child in iq.Children)
        {
            if (child.IsIn(Ns.Register))
            {
                return true;
            }
        }

        return false;
    }
}
