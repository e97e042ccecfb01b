using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Meerkat.Modules.Disco;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>What a room says about itself (XEP-0045 §6.4 to §6.6, MUC-090, MUC-091). Pure.</summary>
internal static class DiscoRules
{
    public static Stanza Info(Turn turn, Iq iq, XmlElement query) => (iq.Type, query.Attribute("node")) switch
    {
        (IqType.Set, _) => StanzaReplies.ErrorFor(iq, StanzaError.NotAllowed())!,
        (_, null or "") => Iq.Result(iq, Describe(turn, iq.From!).ToXml()),
        (_, "x-roomuser-item") => Iq.Result(iq, ReservedNick(turn)), // XEP-0045 §7.12
        _ => StanzaReplies.ErrorFor(iq, StanzaError.ItemNotFound())!,
    };

    // MUC-091
    public static Stanza Items(Turn turn, Iq iq, XmlElement query)
    {
        if (iq.Type is IqType.Set)
        {
            return StanzaReplies.ErrorFor(iq, StanzaError.NotAllowed())!;
        }

        if (query.Attribute("node") is { Length: > 0 })
        {
            return StanzaReplies.ErrorFor(iq, StanzaError.ItemNotFound())!;
        }

        if (!turn.Configuration.IsListPublic && !IsInside(turn, iq.From!))
        {
            return StanzaReplies.ErrorFor(iq, StanzaError.Forbidden())!;
        }

        var items = turn.State.Occupants.Values.OrderBy(occupant => occupant.Nick, StringComparer.Ordinal).Select(occupant => new DiscoItem(occupant.Address.ToString(), occupant.Nick));
        return Iq.Result(iq, DiscoItem.ToXml(items));
    }

    /// <summary>How the room stands in the service's list (MUC-012); null when it is hidden from who asks.</summary>
    public static ListedRoom? Listed(Turn turn, Jid asking)
    {
        var (room, c) = (turn.State, turn.Configuration);
        var inside = IsInside(turn, asking);
        if (room.IsLocked || (!c.IsPublic && !inside))
        {
            return null;
        }

        var (title, users) = (TitleOf(room), room.Occupants.Count);
        return !c.IsListPublic && !inside ? new ListedRoom(room.Jid, title, title, null, null)
            : new ListedRoom(room.Jid, title, string.Create(CultureInfo.InvariantCulture, $"{title} ({(c.IsPublic ? "" : "private, ")}{users})"), !c.IsPublic, users);
    }

    public static string TitleOf(RoomState room) => room.Configuration.Title is { Length: > 0 } title ? title : room.Jid.Local ?? "";

    private static bool IsInside(Turn turn, Jid user) =>
        turn.AffiliationOf(user) >= Affiliation.Admin || turn.State.OfSession(user) is not null || turn.State.Occupants.Values.Any(occupant => occupant.User.Equals(user.Bare));

    private static DiscoInfo Describe(Turn turn, Jid asking)
    {
        var c = turn.Configuration;
        string[] features =
        [
            Ns.DiscoInfo, Ns.DiscoItems, Ns.Muc, Ns.MucStableId, Ns.MucSelfPing, Ns.MucRequest, Ns.OccupantId, Ns.Moderate, Ns.Retract, Ns.Hats, Ns.StanzaIds, Ns.VCard, Ns.Ping, Ns.Commands,
            c.IsPublic ? "muc_public" : "muc_hidden",
            c.IsPersistent ? "muc_persistent" : "muc_temporary",
            c.IsMembersOnly ? "muc_membersonly" : "muc_open",
            c.IsSemiAnonymous ? "muc_semianonymous" : "muc_nonanonymous",
            c.IsModerated ? "muc_moderated" : "muc_unmoderated",
            c.IsPasswordProtected ? "muc_passwordprotected" : "muc_unsecured",
            .. RegistrationRules.IsOpen(turn, asking) ? (string[])[Ns.Register, Ns.MucRegister] : [],
            .. turn.World.Features,
        ];
        return new DiscoInfo([new DiscoIdentity("conference", "text", TitleOf(turn.State))], [.. features.Distinct().Order(StringComparer.Ordinal)]) { Forms = [RoomInfo(turn, asking)] };
    }

    private static DataForm RoomInfo(Turn turn, Jid asking)
    {
        var (room, c) = (turn.State, turn.Configuration);
        var form = new DataFormBuilder(DataFormType.Result, Ns.MucRoomInfo)
            .Add(new DataField("muc#roominfo_description", DataFieldType.TextSingle, c.Description) { Label = "Room description" })
            .Add(new DataField("muc#roominfo_occupants", DataFieldType.TextSingle, room.Occupants.Count.ToString(CultureInfo.InvariantCulture)) { Label = "Number of occupants" })
            .Add(new DataField("muc#roomconfig_roomname", DataFieldType.TextSingle, TitleOf(room)) { Label = "Room title" })
            .Add(new DataField("muc#roominfo_subjectmod", DataFieldType.Boolean, c.AllowChangeSubject ? "1" : "0") { Label = "Occupants may change the subject" })
            .Add(new DataField("muc#roomconfig_changesubject", DataFieldType.Boolean, c.AllowChangeSubject ? "1" : "0") { Label = "Occupants may change the subject" })
            .Add(new DataField("muc#maxhistoryfetch", DataFieldType.TextSingle, turn.World.Options.HistorySize.ToString(CultureInfo.InvariantCulture)) { Label = "Most messages of history" });
        if (!c.IsMembersOnly && !c.IsPasswordProtected && room.Subject.Text.Length > 0)
        {
            form.Add(new DataField("muc#roominfo_subject", DataFieldType.TextSingle, room.Subject.Text) { Label = "Current subject" });
        }

        if (c.Language.Length > 0)
        {
            form.Add(new DataField("muc#roominfo_lang", DataFieldType.TextSingle, c.Language) { Label = "Language of discussion" });
        }

        if (c.Logging && turn.World.Policy.LogsOf(room.Jid) is { } logs)
        {
            form.Add(new DataField("muc#roominfo_logs", DataFieldType.TextSingle, logs) { Label = "Address of the logs" });
        }

        if (SeesAddresses(turn, asking) && OwnersOf(room) is { Length: > 0 } owners)
        {
            form.Add(new DataField("muc#roominfo_contactjid", DataFieldType.JidMulti, owners) { Label = "Owners" });
        }

        if (AvatarRules.HashesOf(room.VCard) is { Count: > 0 } avatar)
        {
            form.Add(new DataField("muc#roominfo_avatarhash", DataFieldType.TextMulti, [.. avatar]) { Label = "Avatar hash" }); // XEP-0486 §3.2
        }

        if (!room.Hats.IsEmpty)
        {
            var uris = string.Join('\n', room.Hats.Values.Select(hat => $"{hat.Uri} {hat.Title} {hat.Hue}"));
            form.Add(new DataField("hats#hash", DataFieldType.TextSingle, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(uris)))[..40]) { Label = "Hats hash" }); // XEP-0317 §2
        }

        return form.Build();
    }

    // XEP-0045 §15.5 wants the owners. A room that keeps addresses from its occupants keeps them from strangers too.
    private static bool SeesAddresses(Turn turn, Jid asking) =>
        !turn.Configuration.IsSemiAnonymous || turn.AffiliationOf(asking) >= Affiliation.Admin || turn.State.OfSession(asking) is { Role: Role.Moderator };

    private static string[] OwnersOf(RoomState room) =>
        [.. room.Affiliations.Entries.Where(entry => entry.Value.Affiliation is Affiliation.Owner).Select(entry => entry.Key.ToString()).Order(StringComparer.Ordinal)];

    private static XmlElement ReservedNick(Turn turn)
    {
        var query = new XmlBuilder("query", Ns.DiscoInfo).Attribute("node", "x-roomuser-item");
        if (turn.World.OwnNick is { } nick)
        {
            query.Start("identity").Attribute("category", "conference").Attribute("name", nick).Attribute("type", "text").End();
        }

        return query.Build();
    }
}
