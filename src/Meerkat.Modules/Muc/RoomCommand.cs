using System.Globalization;
using Meerkat.Core.Placement;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>What a room can be told.</summary>
internal enum RoomCommandKind
{
    /// <summary>A stanza to the room or an occupant.</summary>
    Stanza,

    /// <summary>A session that may be in the room has ended.</summary>
    SessionEnded,

    /// <summary>The service speaks to all rooms (MUC-014).</summary>
    Speak,

    /// <summary>How the room stands in a list for <see cref="RoomCommand.Who"/>.</summary>
    List,

    /// <summary>May <see cref="RoomCommand.Who"/> read what is said here?</summary>
    Access,

    /// <summary>What an administrator wants; see <see cref="RoomAdministration"/>.</summary>
    Administer,

    /// <summary>An account is removed (MUC-068).</summary>
    Forget,

    /// <summary>A queued stanza of <see cref="RoomCommand.Who"/> is due.</summary>
    Release,

    /// <summary>The password of <see cref="RoomCommand.Stanza"/>, a join, was judged elsewhere: <see cref="PasswordVerdict.Read"/> reads how from the text (MUC-025).</summary>
    PasswordChecked,

    /// <summary>Time has passed: late writes, hibernation.</summary>
    Tick,

    /// <summary>The server stops (MUC-052), or the domain goes.</summary>
    Stop,

    /// <summary>Sessions that think that they are in the room, as <see cref="OccupancyCheck"/> writes them: who is not is told.</summary>
    Check,

    /// <summary>Which sessions are in the room? As <see cref="GhostCheck"/> writes them.</summary>
    Sessions,

    /// <summary>A session that was in the room is not bound any more: this one, and no other with its address.</summary>
    SessionLost,
}

/// <summary>A command to a room. Travels between nodes.</summary>
internal sealed record RoomCommand(RoomCommandKind Kind)
{
    /// <summary>The text of a <see cref="RoomCommandKind.Tick"/> at which idle rooms with an owner in them are stopped too.</summary>
    public const string Deep = "deep";

    private const string Space = "meerkat:muc:command";

    public static readonly PlacementCodec<RoomCommand> Codec = new(Encode, Decode);

    /// <summary>The stanza.</summary>
    public Stanza? Stanza { get; init; }

    /// <summary>Whom it is about.</summary>
    public Jid? Who { get; init; }

    /// <summary>When the sender's session was bound; 0 when not known.</summary>
    public long Order { get; init; }

    /// <summary>A text; its meaning is the kind's.</summary>
    public string Text { get; init; } = "";

    /// <summary>An element; its meaning is the kind's.</summary>
    public XmlElement? Payload { get; init; }

    private static XmlElement Encode(RoomCommand command)
    {
        var xml = new XmlBuilder("command", Space)
            .Attribute("kind", ((int)command.Kind).ToString(CultureInfo.InvariantCulture)).Attribute("who", command.Who?.ToString())
            .Attribute("order", command.Order.ToString(CultureInfo.InvariantCulture)).Attribute("text", command.Text);
        if (command.Stanza is { } stanza)
        {
            xml.Start("stanza").Add(stanza.ToElement()).End();
        }

        if (command.Payload is { } payload)
        {
            xml.Start("payload").Add(payload).End();
        }

        return xml.Build();
    }

    private static RoomCommand Decode(XmlElement xml) => new((RoomCommandKind)int.Parse(xml.Attribute("kind")!, CultureInfo.InvariantCulture))
    {
        Who = Jid.TryParse(xml.Attribute("who"), out var who) ? who : null,
        Order = long.Parse(xml.Attribute("order")!, CultureInfo.InvariantCulture),
        Text = xml.Attribute("text") ?? "",
        Stanza = xml.Child("stanza")?.FirstChild is { } stanza ? StanzaReader.ReadTrusted(stanza.Detach()) : null,
        Payload = xml.Child("payload")?.FirstChild?.Detach(),
    };
}

/// <summary>What a room answers to whoever gave the command; stanzas it answers by itself. Travels between nodes.</summary>
/// <param name="Found">Whether there is such a room.</param>
/// <param name="Payload">What was asked for; null for nothing.</param>
/// <param name="Error">Why it was not done, in the words of the operation; null when it was.</param>
internal sealed record RoomReply(bool Found, XmlElement? Payload = null, string? Error = null)
{
    private const string Space = "meerkat:muc:reply";

    public static readonly RoomReply Done = new(true);

    public static readonly RoomReply NotFound = new(false);

    public static readonly PlacementCodec<RoomReply> Codec = new(Encode, Decode);

    private static XmlElement Encode(RoomReply reply)
    {
        var xml = new XmlBuilder("reply", Space).Attribute("found", reply.Found ? "1" : "0").Attribute("error", reply.Error);
        if (reply.Payload is { } payload)
        {
            xml.Add(payload);
        }

        return xml.Build();
    }

    private static RoomReply Decode(XmlElement xml) => new(xml.Attribute("found") == "1", xml.FirstChild?.Detach(), xml.Attribute("error"));
}
