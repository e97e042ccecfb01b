using System.Globalization;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>What a room adds to an occupant's presence (XEP-0045 §7.2, XEP-0421).</summary>
internal sealed record PresenceExtras
{
    public static readonly PresenceExtras None = new();

    /// <summary>The new nick, on a change of nick.</summary>
    public string? NewNick { get; init; }

    /// <summary>Why, on a removal.</summary>
    public string? Reason { get; init; }

    /// <summary>Status codes for all who get it.</summary>
    public IReadOnlyList<int> Codes { get; init; } = [];

    /// <summary>The <c>destroy</c> element; null for none.</summary>
    public XmlElement? Destroy { get; init; }

    /// <summary>Affiliation to show; null for the occupant's.</summary>
    public Affiliation? Affiliation { get; init; }
}

/// <summary>Writes the presences that a room sends. Pure.</summary>
internal static class PresenceWriter
{
    private const string MucPrefix = Ns.Muc;

    /// <summary>An occupant's available presence for newcomers and others who see the same of it; built once.</summary>
    public static Presence Shown(RoomState room, Occupant who, bool withJid)
    {
        var pair = who.Pair;
        return withJid
            ? pair.Open ??= Available(room, who, who.Shown, true, [])
            : pair.Closed ??= Available(room, who, who.Shown, false, []);
    }

    /// <summary>An available presence of one session.</summary>
    public static Presence Available(RoomState room, Occupant who, OccupantSession session, bool withJid, IReadOnlyList<int> codes, string? reason = null) =>
        Write(room, who, who.Role, session, session.Presence, withJid, PresenceExtras.None with { Codes = codes, Reason = reason }, isAvailable: true);

    /// <summary>An unavailable presence of one session, on leaving, removal or change of nick.</summary>
    /// <param name="room">The room.</param>
    /// <param name="who">The occupant as it was.</param>
    /// <param name="session">The session.</param>
    /// <param name="leaving">The presence by which it left; null where it did not send one.</param>
    /// <param name="withJid">Whether the real address is shown.</param>
    /// <param name="extras">What the room says with it.</param>
    public static Presence Unavailable(RoomState room, Occupant who, OccupantSession session, Presence? leaving, bool withJid, PresenceExtras extras) =>
        Write(room, who, extras.NewNick is null ? Role.None : who.Role, session, leaving, withJid, extras, isAvailable: false);

    /// <summary>Whether an occupant sees real addresses (MUC-027).</summary>
    public static bool SeesJids(RoomState room, Occupant occupant) => !room.Configuration.IsSemiAnonymous || occupant.Role is Role.Moderator;

    /// <summary>Whether a child of a client's stanza is the room's to write (MUC-029, XEP-0421 §4.2, XEP-0317).</summary>
    public static bool IsReserved(XmlElement child) =>
        child.Namespace.StartsWith(MucPrefix, StringComparison.Ordinal) || child.Namespace is Ns.OccupantId or Ns.Hats;

    /// <summary>Whether others see the same of two presences of one session.</summary>
    public static bool LooksSame(Presence one, Presence other) =>
        one.Lang == other.Lang && Shown(one).SequenceEqual(Shown(other), StringComparer.Ordinal);

    private static IEnumerable<string> Shown(Presence presence) => presence.Element.Children.Where(child => !IsReserved(child)).Select(child => child.ToString());

    private static Presence Write(
        RoomState room, Occupant who, Role role, OccupantSession session, Presence? source, bool withJid, PresenceExtras extras, bool isAvailable)
    {
        var builder = new XmlBuilder("presence", Ns.Client).Attribute("type", isAvailable ? null : "unavailable").Attribute("id", source?.Id).Lang(source?.Lang);
        if (source is not null)
        {
            var hidesStatus = who.Role is Role.Visitor && !room.Configuration.AllowVisitorStatus;
            foreach (var child in source.Element.Children)
            {
                if (!IsReserved(child) && !(hidesStatus && child.Is("status", Ns.Client)))
                {
                    builder.Add(child);
                }
            }
        }

        builder.Start("x", Ns.MucUser).Start("item")
            .Attribute("affiliation", (extras.Affiliation ?? who.Affiliation).Word())
            .Attribute("role", role.Word())
            .Attribute("jid", withJid ? session.Jid.ToString() : null)
            .Attribute("nick", extras.NewNick);
        if (!string.IsNullOrEmpty(extras.Reason))
        {
            builder.Element("reason", extras.Reason);
        }

        builder.End();
        if (extras.Destroy is { } destroy)
        {
            builder.Add(destroy);
        }

        foreach (var code in extras.Codes)
        {
            builder.Start("status").Attribute("code", code.ToString(CultureInfo.InvariantCulture)).End();
        }

        builder.End().Start("occupant-id", Ns.OccupantId).Attribute("id", who.Id).End();
        if (isAvailable)
        {
            WriteHats(builder, room, who);
        }

        return (Presence)StanzaReader.Read(builder.Build(), who.Address, null)!;
    }

    private static void WriteHats(XmlBuilder builder, RoomState room, Occupant who)
    {
        if (!room.Wearers.TryGetValue(who.User, out var worn) || worn.IsEmpty)
        {
            return;
        }

        builder.Start("hats", Ns.Hats);
        foreach (var uri in worn)
        {
            if (room.Hats.TryGetValue(uri, out var hat))
            {
                builder.Start("hat").Attribute("title", hat.Title).Attribute("uri", hat.Uri).Attribute("hue", hat.Hue).End();
            }
        }

        builder.End();
    }
}
