using System.Globalization;
using Meerkat.Core.Sessions;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Core.Cluster;

/// <summary>What nodes tell each other of one session, as bytes.</summary>
internal static class SessionCommands
{
    private const string Namespace = "meerkat:cluster";

    /// <summary>A session has to end.</summary>
    public static byte[] End(IBoundSession session, StreamError error, bool isReplaced)
    {
        var builder = new XmlBuilder("end", Namespace).Attribute("session", Text(session.Order)).Attribute("condition", error.Condition).Attribute("text", error.Text).Attribute("replaced", isReplaced ? "1" : null);
        if (error.Application is { } application)
        {
            builder.Add(application);
        }

        return builder.Build().ToUtf8();
    }

    public static (long Session, StreamError Error, bool IsReplaced) ReadEnd(ReadOnlySpan<byte> bytes)
    {
        var element = RegistryCodec.Parse(bytes);
        return (Number(element, "session"), new StreamError(element.Attribute("condition")!, element.Attribute("text"), element.FirstChild), element.Attribute("replaced") is not null);
    }

    /// <summary>The asking node takes a session over.</summary>
    public static byte[] Take(RemoteSession session, long successor) =>
        new XmlBuilder("take", Namespace).Attribute("session", Text(session.Order)).Attribute("id", session.Record.ResumptionId).Attribute("successor", Text(successor)).Build().ToUtf8();

    public static (long Session, string Id, long Successor) ReadTake(ReadOnlySpan<byte> bytes)
    {
        var element = RegistryCodec.Parse(bytes);
        return (Number(element, "session"), element.Attribute("id") ?? "", Number(element, "successor"));
    }

    /// <summary>A session sends a presence that an administrator made.</summary>
    public static byte[] Send(RemoteSession session, Presence presence) => new XmlBuilder("send", Namespace).Attribute("session", Text(session.Order)).Add(presence.ToElement()).Build().ToUtf8();

    public static (long Session, Presence? Presence) ReadSend(ReadOnlySpan<byte> bytes)
    {
        var element = RegistryCodec.Parse(bytes);
        return (Number(element, "session"), element.FirstChild is { } presence ? StanzaReader.ReadTrusted(presence.Detach()) as Presence : null);
    }

    /// <summary>What became of it.</summary>
    public static byte[] Taken(RemoteSession session, bool lives) =>
        new XmlBuilder("taken", Namespace).Attribute("session", Text(session.Order)).Attribute("lives", lives ? "1" : null).Build().ToUtf8();

    public static (long Session, bool Lives) ReadTaken(ReadOnlySpan<byte> bytes)
    {
        var element = RegistryCodec.Parse(bytes);
        return (Number(element, "session"), element.Attribute("lives") is not null);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(XmlElement element, string name) => long.Parse(element.Attribute(name)!, CultureInfo.InvariantCulture);
}
