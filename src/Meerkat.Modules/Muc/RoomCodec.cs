using System.Collections.Immutable;
using System.Globalization;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>A room as it is kept: settings and history as elements. What an older version did not write has its default; what a newer one wrote is passed over.</summary>
internal static class RoomCodec
{
    private const string Space = "meerkat:muc:room";

    private static readonly (string Name, Func<RoomConfiguration, bool> Get, Func<RoomConfiguration, bool, RoomConfiguration> Set)[] s_flags =
    [
        ("persistent", c => c.IsPersistent, (c, v) => c with { IsPersistent = v }),
        ("public", c => c.IsPublic, (c, v) => c with { IsPublic = v }),
        ("public_list", c => c.IsListPublic, (c, v) => c with { IsListPublic = v }),
        ("password_protected", c => c.IsPasswordProtected, (c, v) => c with { IsPasswordProtected = v }),
        ("anonymous", c => c.IsSemiAnonymous, (c, v) => c with { IsSemiAnonymous = v }),
        ("members_only", c => c.IsMembersOnly, (c, v) => c with { IsMembersOnly = v }),
        ("moderated", c => c.IsModerated, (c, v) => c with { IsModerated = v }),
        ("members_by_default", c => c.MembersByDefault, (c, v) => c with { MembersByDefault = v }),
        ("allow_change_subj", c => c.AllowChangeSubject, (c, v) => c with { AllowChangeSubject = v }),
        ("allow_private_messages", c => c.AllowPrivateMessages, (c, v) => c with { AllowPrivateMessages = v }),
        ("allow_query_users", c => c.AllowQueryUsers, (c, v) => c with { AllowQueryUsers = v }),
        ("allow_user_invites", c => c.AllowUserInvites, (c, v) => c with { AllowUserInvites = v }),
        ("allow_multiple_sessions", c => c.AllowMultipleSessions, (c, v) => c with { AllowMultipleSessions = v }),
        ("allow_visitor_status", c => c.AllowVisitorStatus, (c, v) => c with { AllowVisitorStatus = v }),
        ("allow_visitor_nickchange", c => c.AllowVisitorNickChange, (c, v) => c with { AllowVisitorNickChange = v }),
        ("logging", c => c.Logging, (c, v) => c with { Logging = v }),
    ];

    /// <summary>The room as the store takes it.</summary>
    /// <param name="room">The room.</param>
    /// <param name="affiliations">The affiliations to write.</param>
    public static StoredRoom Write(RoomState room, IReadOnlyList<StoredAffiliation> affiliations)
    {
        var c = room.Configuration;
        var xml = new XmlBuilder("room", Space).Attribute("secret", room.Secret).Start("configuration").Attribute("max_users", c.MaxUsers.ToString(CultureInfo.InvariantCulture))
            .Attribute("maygetmemberlist", ((int)c.MayGetMemberList).ToString(CultureInfo.InvariantCulture))
            .Attribute("lang", c.Language.Length > 0 ? c.Language : null);
        foreach (var (name, get, _) in s_flags)
        {
            xml.Attribute(name, get(c) ? "1" : "0");
        }

        xml.Element("title", c.Title).Element("description", c.Description).Element("password", c.Password).End();
        xml.Start("subject").Attribute("author", room.Subject.Author).Attribute("set", room.Subject.Set == default ? null : XmppDateTime.Format(room.Subject.Set)).Add(room.Subject.Texts).End();
        foreach (var hat in room.Hats.Values)
        {
            xml.Start("hat").Attribute("uri", hat.Uri).Attribute("title", hat.Title).Attribute("hue", hat.Hue).End();
        }

        foreach (var (user, worn) in room.Wearers)
        {
            foreach (var uri in worn)
            {
                xml.Start("wears").Attribute("jid", user.ToString()).Attribute("uri", uri).End();
            }
        }

        if (room.VCard is { } vcard)
        {
            xml.Start("vcard").Add(vcard).End();
        }

        return new StoredRoom(room.Jid, xml.Build(), affiliations) { Title = c.Title, IsPublic = c.IsPublic };
    }

    /// <summary>All affiliations of a room, to be written.</summary>
    public static IReadOnlyList<StoredAffiliation> Affiliations(RoomState room) =>
        [.. room.Affiliations.Entries.Select(entry => new StoredAffiliation(entry.Key, entry.Value.Affiliation, entry.Value.Reason))];

    /// <summary>The room that was kept, with nobody in it.</summary>
    public static RoomState Read(StoredRoom stored)
    {
        var xml = stored.Settings;
        var affiliations = AffiliationList.Empty;
        foreach (var entry in stored.Affiliations)
        {
            affiliations = affiliations.With(entry.User, entry.Affiliation, entry.Reason);
        }

        var hats = xml.Children.Where(child => child.Name == "hat").Select(hat => new Hat(hat.Attribute("uri") ?? "", hat.Attribute("title") ?? "", hat.Attribute("hue")));
        var wearers = xml.Children.Where(child => child.Name == "wears").GroupBy(wears => BareJid.Parse(wears.Attribute("jid")!));
        return new RoomState(stored.Jid, xml.Attribute("secret") ?? "")
        {
            Configuration = xml.Child("configuration") is { } configuration ? ReadConfiguration(configuration) : new RoomConfiguration { IsPersistent = true },
            Affiliations = affiliations,
            Subject = xml.Child("subject", Space) is { } subject ? ReadSubject(subject) : RoomSubject.None,
            History = stored.History is { } history ? ReadHistory(history) : RoomHistory.Empty,
            Hats = hats.ToImmutableSortedDictionary(hat => hat.Uri, hat => hat),
            Wearers = wearers.ToImmutableDictionary(group => group.Key, group => group.Select(wears => wears.Attribute("uri")!).ToImmutableSortedSet()),
            VCard = xml.Child("vcard", Space)?.FirstChild?.Detach(),
        };
    }

    /// <summary>The history as the store takes it; null for none.</summary>
    public static XmlElement? WriteHistory(RoomHistory history)
    {
        if (history.Count == 0)
        {
            return null;
        }

        var xml = new XmlBuilder("history", Space);
        foreach (var item in history.Items)
        {
            xml.Start("item").Attribute("sent", XmppDateTime.Format(item.Sent)).Attribute("sender", item.Sender.ToString())
                .Attribute("id", item.Message.StableId.ToString(CultureInfo.InvariantCulture)).Add(item.Message.ToElement()).End();
        }

        return xml.Build();
    }

    private static RoomHistory ReadHistory(XmlElement xml)
    {
        var history = RoomHistory.Empty;
        foreach (var item in xml.Children)
        {
            if (XmppDateTime.TryParse(item.Attribute("sent"), out var sent) && Jid.TryParse(item.Attribute("sender"), out var sender)
                && item.FirstChild is { } stanza && StanzaReader.ReadTrusted(stanza.Detach()) is Message message)
            {
                var id = long.TryParse(item.Attribute("id"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
                history = history.Add(new HistoryItem(message.WithStableId(id), sent, sender), int.MaxValue);
            }
        }

        return history;
    }

    private static RoomConfiguration ReadConfiguration(XmlElement xml)
    {
        var c = new RoomConfiguration
        {
            Title = xml.ChildText("title") ?? "",
            Description = xml.ChildText("description") ?? "",
            Password = xml.ChildText("password") ?? "",
            Language = xml.Attribute("lang") ?? "",
            MaxUsers = int.TryParse(xml.Attribute("max_users"), NumberStyles.None, CultureInfo.InvariantCulture, out var most) ? most : 200,
            MayGetMemberList = int.TryParse(xml.Attribute("maygetmemberlist"), NumberStyles.None, CultureInfo.InvariantCulture, out var roles) ? (RoleSet)roles : RoleSet.None,
        };
        foreach (var (name, _, set) in s_flags)
        {
            if (xml.Attribute(name) is { } value)
            {
                c = set(c, value == "1");
            }
        }

        return c;
    }

    private static RoomSubject ReadSubject(XmlElement xml) => new(
        [.. xml.Children.Where(child => child.Is("subject", Ns.Client)).Select(child => child.Detach())],
        xml.Attribute("author") ?? "",
        XmppDateTime.TryParse(xml.Attribute("set"), out var set) ? set : default);
}
