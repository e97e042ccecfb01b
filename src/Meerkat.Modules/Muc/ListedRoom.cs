using System.Globalization;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>A room in the list of its service, as somebody may see it.</summary>
/// <param name="Jid">Its address.</param>
/// <param name="Title">Its title; the localpart where it has none.</param>
/// <param name="Name">The name of its item (MUC-012): the title, and how many are in it where everybody may know.</param>
/// <param name="IsPrivate">Whether lists hide it; null where that is not for the one who asks.</param>
/// <param name="Occupants">How many are in it; null where that is not for the one who asks.</param>
public sealed record ListedRoom(BareJid Jid, string Title, string Name, bool? IsPrivate, int? Occupants)
{
    internal XmlElement ToXml() => new XmlBuilder("listed", "").Attribute("jid", Jid.ToString()).Attribute("title", Title).Attribute("name", Name)
        .Attribute("private", IsPrivate switch { true => "1", false => "0", _ => null }).Attribute("occupants", Occupants?.ToString(CultureInfo.InvariantCulture)).Build();

    internal static ListedRoom Read(XmlElement xml) => new(
        BareJid.Parse(xml.Attribute("jid")!),
        xml.Attribute("title")!,
        xml.Attribute("name")!,
        xml.Attribute("private") is { } isPrivate ? isPrivate == "1" : null,
        xml.Attribute("occupants") is { } occupants ? int.Parse(occupants, CultureInfo.InvariantCulture) : null);
}

/// <summary>A part of a service's rooms (GQA-MUC-12).</summary>
/// <param name="Rooms">Those of them that may be seen, by address.</param>
/// <param name="Count">How many there are in all, hidden ones included.</param>
/// <param name="Index">The place of the part's beginning among all.</param>
public sealed record ListedRooms(IReadOnlyList<ListedRoom> Rooms, int Count, int Index);
