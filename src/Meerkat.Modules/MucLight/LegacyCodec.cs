using System.Collections.Immutable;
using System.Globalization;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.MucLight;

/// <summary>XEP-0045's language, as far as light rooms have something to say in it (MUL-070 to MUL-075). There are no versions.</summary>
/// <param name="schema">The fields of configurations; their names are those of the form.</param>
internal sealed class LegacyCodec(ConfigurationSchema schema) : IMucLightCodec
{
    private static readonly XmlElement s_changed = Status(new XmlBuilder("x", Ns.MucUser), 104).Build();
    private static readonly XmlElement s_destroyed = new XmlBuilder("x", Ns.MucUser)
        .Start("item").Attribute("affiliation", "none").Attribute("role", "none").End().Element("destroy").Build();

    /// <inheritdoc/>
    public string Namespace => Ns.Muc;

    /// <summary>What the creator of a room gets (MUL-070).</summary>
    /// <param name="room">The room.</param>
    /// <param name="creator">Whose presence created it.</param>
    /// <param name="isOwner">Whether the creator owns it.</param>
    public static Presence Welcome(BareJid room, FullJid creator, bool isOwner)
    {
        var occupant = new MucLightOccupant(creator.Bare, isOwner ? MucLightAffiliation.Owner : MucLightAffiliation.Member);
        var x = AddItem(new XmlBuilder("x", Ns.MucUser), occupant, withJid: false);
        return Presence.Create(PresenceType.Available, At(room, creator.Bare), creator, Status(Status(x, 110), 201).Build());
    }

    /// <inheritdoc/>
    public RequestReading Read(Iq iq, XmlElement payload)
    {
        if (payload.Name != "query")
        {
            return default;
        }

        var isGet = iq.Type is IqType.Get;
        return payload.Namespace switch
        {
            Ns.MucOwner => isGet ? new ReadRequest(RoomPart.Configuration, null) : ReadForm(payload),
            Ns.MucAdmin => isGet ? new ReadRequest(RoomPart.Affiliations, null) : ReadItems(payload),
            Ns.Privacy => ReadBlocking(payload, iq.To!.Domain, isGet),
            _ => default,
        };
    }

    /// <inheritdoc/>
    public XmlElement? Write(ReadRequest request, MucLightRoom room)
    {
        if (request.Part is RoomPart.Affiliations)
        {
            var list = new XmlBuilder("query", Ns.MucAdmin);
            foreach (var occupant in room.Occupants)
            {
                AddItem(list, occupant, withJid: true, withNick: true);
            }

            return list.Build();
        }

        var form = new DataFormBuilder(DataFormType.Form, Ns.MucRoomConfig);
        foreach (var (name, value) in schema.Show(room.Configuration))
        {
            form.Add(name, DataFieldType.TextSingle, value);
        }

        return new XmlBuilder("query", Ns.MucOwner).Add(form.Build().ToXml()).Build();
    }

    /// <inheritdoc/>
    public XmlElement Write(IReadOnlyList<MucLightBlock> blocks, BareJid service)
    {
        var list = new XmlBuilder("query", Ns.Privacy).Start("list").Attribute("name", Ns.MucLight);
        var order = 0;
        foreach (var block in blocks)
        {
            list.Start("item")
                .Attribute("type", "jid")
                .Attribute("value", block.IsRoom ? block.Jid.ToString() : $"{service}/{block.Jid}")
                .Attribute("action", "deny")
                .Attribute("order", (++order).ToString(CultureInfo.InvariantCulture))
                .End();
        }

        return list.Build();
    }

    /// <inheritdoc/>
    public RequestReading Read(Message message)
    {
        var children = message.Element.Children;
        return children.Count == 1 && message.Element.FirstChild is { } subject && subject.Is("subject", Ns.Client) && schema.NameOf(MucLightRoom.SubjectKey) is { } name
            ? Configure([(name, subject.Text)])
            : default;
    }

    /// <inheritdoc/>
    public RoomNotices Created(MucLightRoom room, string id) => new(null, []); // the creator is told by presence, and nobody else is there

    /// <inheritdoc/>
    public RoomNotices Configured(MucLightRoom before, MucLightRoom after, ImmutableSortedDictionary<string, string> fields, string id)
    {
        var told = fields is { Count: 1 } && fields.TryGetValue(MucLightRoom.SubjectKey, out var subject)
            ? Message.Create(MessageType.Groupchat, after.Jid, null, id, new XmlBuilder("subject", Ns.Client).Text(subject).Build())
            : Message.Create(MessageType.Groupchat, after.Jid, null, id, s_changed);
        return new RoomNotices(told, after.Occupants.Select(occupant => (Stanza)told.Readdress(after.Jid, occupant.Jid)));
    }

    /// <inheritdoc/>
    public RoomNotices Affiliated(MucLightRoom before, MucLightRoom after, IReadOnlyList<MucLightOccupant> changes, BareJid actor, string id) =>
        new(null, ToldOfAffiliations(before, after, changes, actor, id));

    /// <inheritdoc/>
    public RoomNotices Destroyed(MucLightRoom room, string id) => new(
        null, room.Occupants.Select(occupant => (Stanza)Presence.Create(PresenceType.Unavailable, At(room.Jid, occupant.Jid), occupant.Jid, s_destroyed)));

    // MUL-073
    private static IEnumerable<Stanza> ToldOfAffiliations(MucLightRoom before, MucLightRoom after, IReadOnlyList<MucLightOccupant> changes, BareJid actor, string id)
    {
        foreach (var change in changes)
        {
            var presence = Presence.Create(
                change.Affiliation is MucLightAffiliation.None ? PresenceType.Unavailable : PresenceType.Available,
                At(after.Jid, change.Jid),
                null,
                Removed(AddItem(new XmlBuilder("x", Ns.MucUser), change, withJid: true), change).Build());
            foreach (var occupant in after.Occupants)
            {
                if (before.Occupants.Find(occupant.Jid) is not MucLightAffiliation.None)
                {
                    yield return presence.Readdress(presence.From, occupant.Jid);
                }
            }

            if (change.Affiliation is MucLightAffiliation.None)
            {
                yield return presence.Readdress(presence.From, change.Jid);
            }
            else if (before.Occupants.Find(change.Jid) is MucLightAffiliation.None)
            {
                var invitation = new XmlBuilder("x", Ns.MucUser).Start("invite").Attribute("from", actor.ToString()).End().Build();
                yield return Message.Create(MessageType.Normal, after.Jid, change.Jid, id, invitation);
            }
        }
    }

    private static XmlBuilder Removed(XmlBuilder x, MucLightOccupant change) => change.Affiliation is MucLightAffiliation.None ? Status(x, 321) : x;

    private static XmlBuilder Status(XmlBuilder x, int code) => x.Start("status").Attribute("code", code.ToString(CultureInfo.InvariantCulture)).End();

    private static XmlBuilder AddItem(XmlBuilder to, MucLightOccupant occupant, bool withJid, bool withNick = false) => to
        .Start("item")
        .Attribute("affiliation", occupant.Word)
        .Attribute("role", occupant.Affiliation switch { MucLightAffiliation.Owner => "moderator", MucLightAffiliation.Member => "participant", _ => "none" })
        .Attribute("jid", withJid ? occupant.Jid.ToString() : null)
        .Attribute("nick", withNick ? occupant.Jid.ToString() : null)
        .End();

    // A nick is a bare JID; one that is too long for a resource leaves the room's own address.
    private static Jid At(BareJid room, BareJid occupant) => FullJid.TryCreate(room, occupant.ToString(), out var at) ? at : room;

    private RequestReading Configure(IEnumerable<(string Name, string Value)> given) =>
        schema.TryRead(given, out var fields, out var refusal) ? new ConfigureRequest(fields) : refusal;

    private RequestReading ReadForm(XmlElement query)
    {
        if (query.Child("destroy") is not null)
        {
            return new DestroyRequest();
        }

        if (DataForm.Find(query, DataFormType.Submit) is { } form)
        {
            return Configure(form.Fields.Where(field => field.Var is not (null or DataForm.FormTypeVar)).Select(field => (field.Var!, field.Value ?? "")));
        }

        return DataForm.Find(query, DataFormType.Cancel) is not null ? new CancelRequest() : MucLightResult.Invalid("there is no form");
    }

    private static RequestReading ReadItems(XmlElement query)
    {
        var wanted = new List<MucLightOccupant>();
        foreach (var item in query.Children)
        {
            if (!item.Is("item", Ns.MucAdmin)
                || !Jid.TryParse(item.Attribute("jid"), out var jid) || jid is not BareJid { HasLocal: true } user
                || MucLightOccupant.Read(item.Attribute("affiliation")) is not { } affiliation)
            {
                return MucLightResult.Invalid("an item cannot be read");
            }

            wanted.Add(new MucLightOccupant(user, affiliation));
        }

        return new AffiliateRequest(wanted);
    }

    // MUL-074: items are added to the list or taken from it; those that are not named stay.
    private static RequestReading ReadBlocking(XmlElement query, string service, bool isGet)
    {
        if (query.Child("list") is not { } list || list.Attribute("name") != Ns.MucLight)
        {
            return MucLightResult.Invalid($"there is one list here, {Ns.MucLight}");
        }

        if (isGet)
        {
            return new ReadBlockingRequest();
        }

        var changes = new List<(MucLightBlock, bool)>();
        foreach (var item in list.Children)
        {
            if (item.Attribute("action") is not ("deny" or "allow") || ReadBlock(item.Attribute("value"), service) is not { } block)
            {
                return MucLightResult.Invalid("an item of the list cannot be read");
            }

            changes.Add((block, item.Attribute("action") == "deny"));
        }

        return new BlockRequest(changes);
    }

    private static MucLightBlock? ReadBlock(string? value, string service) =>
        !Jid.TryParse(value, out var jid) ? null
        : jid is BareJid { HasLocal: true } room ? new MucLightBlock(true, room)
        : jid.Local is null && jid.Domain == service && Jid.TryParse(jid.Resource, out var user) && user is BareJid { HasLocal: true } bare ? new MucLightBlock(false, bare)
        : null;
}
