using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.MucLight;

/// <summary>The service's own language, <c>urn:xmpp:muclight:0</c>.</summary>
/// <param name="schema">The fields of configurations.</param>
internal sealed class ModernCodec(ConfigurationSchema schema) : IMucLightCodec
{
    private static readonly XmlElement s_emptyBody = new XmlBuilder("body", Ns.Client).Build();
    private static readonly XmlElement s_destroyed = new XmlBuilder("x", Ns.MucLightDestroy).Build();

    /// <inheritdoc/>
    public string Namespace => Ns.MucLight;

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
            Ns.MucLightConfiguration => isGet ? new ReadRequest(RoomPart.Configuration, Version(payload)) : ReadConfiguration(payload),
            Ns.MucLightAffiliations => isGet ? new ReadRequest(RoomPart.Affiliations, Version(payload)) : ReadAffiliations(payload),
            Ns.MucLightInfo when isGet => new ReadRequest(RoomPart.Info, Version(payload)),
            Ns.MucLightCreate when !isGet => ReadCreation(payload),
            Ns.MucLightDestroy when !isGet => new DestroyRequest(),
            Ns.MucLightBlocking => isGet ? new ReadBlockingRequest() : ReadBlocking(payload),
            Ns.MucLightInfo or Ns.MucLightCreate or Ns.MucLightDestroy => MucLightResult.Invalid("get and set are mistaken"),
            _ => default,
        };
    }

    /// <inheritdoc/>
    public XmlElement? Write(ReadRequest request, MucLightRoom room)
    {
        if (request.Version == room.Version)
        {
            return null; // MUL-020: the client's copy is current
        }

        var query = new XmlBuilder("query", request.Part switch
        {
            RoomPart.Configuration => Ns.MucLightConfiguration,
            RoomPart.Affiliations => Ns.MucLightAffiliations,
            _ => Ns.MucLightInfo,
        }).Element("version", room.Version);
        switch (request.Part)
        {
            case RoomPart.Configuration:
                schema.Write(query, room.Configuration);
                break;
            case RoomPart.Affiliations:
                AddUsers(query, room.Occupants);
                break;
            default:
                schema.Write(query.Start("configuration"), room.Configuration);
                AddUsers(query.End().Start("occupants"), room.Occupants);
                break;
        }

        return query.Build();
    }

    /// <inheritdoc/>
    public XmlElement Write(IReadOnlyList<MucLightBlock> blocks, BareJid service)
    {
        var query = new XmlBuilder("query", Ns.MucLightBlocking);
        foreach (var block in blocks)
        {
            query.Start(block.IsRoom ? "room" : "user").Attribute("action", "deny").Text(block.Jid.ToString()).End();
        }

        return query.Build();
    }

    /// <inheritdoc/>
    public RequestReading Read(Message message) => default;

    /// <inheritdoc/>
    public RoomNotices Created(MucLightRoom room, string id) => new(
        Notice(room, id, Affiliations(null, room.Version, room.Occupants)),
        room.Occupants.Select(occupant => (Stanza)Notice(room, id, Affiliations(null, room.Version, [occupant])).Readdress(room.Jid, occupant.Jid)));

    /// <inheritdoc/>
    public RoomNotices Configured(MucLightRoom before, MucLightRoom after, ImmutableSortedDictionary<string, string> fields, string id)
    {
        var told = Notice(after, id, Configuration(before.Version, after.Version, fields));
        return new RoomNotices(Notice(after, id, Configuration(null, after.Version, fields)), after.Occupants.Select(occupant => (Stanza)told.Readdress(after.Jid, occupant.Jid)));
    }

    /// <inheritdoc/>
    public RoomNotices Affiliated(MucLightRoom before, MucLightRoom after, IReadOnlyList<MucLightOccupant> changes, BareJid actor, string id) =>
        new(after.Occupants.Count == 0 ? null : Notice(after, id, Affiliations(null, after.Version, changes)), ToldOfAffiliations(before, after, changes, id));

    /// <inheritdoc/>
    public RoomNotices Destroyed(MucLightRoom room, string id) => new(
        null,
        room.Occupants.Select(occupant =>
            (Stanza)Message.Create(MessageType.Groupchat, room.Jid, occupant.Jid, id, Affiliations(null, null, [occupant with { Affiliation = MucLightAffiliation.None }]), s_destroyed, s_emptyBody)));

    // MUL-027: who stays learns all, who comes or goes learns of himself.
    private static IEnumerable<Stanza> ToldOfAffiliations(MucLightRoom before, MucLightRoom after, IReadOnlyList<MucLightOccupant> changes, string id)
    {
        var toStayers = Notice(after, id, Affiliations(before.Version, after.Version, changes));
        foreach (var occupant in after.Occupants)
        {
            if (before.Occupants.Find(occupant.Jid) is not MucLightAffiliation.None)
            {
                yield return toStayers.Readdress(after.Jid, occupant.Jid);
            }
        }

        foreach (var change in changes)
        {
            if (change.Affiliation is MucLightAffiliation.None)
            {
                yield return Notice(after, id, Affiliations(null, null, [change])).Readdress(after.Jid, change.Jid);
            }
            else if (before.Occupants.Find(change.Jid) is MucLightAffiliation.None)
            {
                yield return Notice(after, id, Affiliations(null, after.Version, [change])).Readdress(after.Jid, change.Jid);
            }
        }
    }

    private static Message Notice(MucLightRoom room, string id, XmlElement x) => Message.Create(MessageType.Groupchat, room.Jid, null, id, x, s_emptyBody);

    private static XmlElement Affiliations(string? previous, string? version, IEnumerable<MucLightOccupant> users)
    {
        var x = Versions(new XmlBuilder("x", Ns.MucLightAffiliations), previous, version);
        AddUsers(x, users);
        return x.Build();
    }

    private XmlElement Configuration(string? previous, string version, ImmutableSortedDictionary<string, string> fields)
    {
        var x = Versions(new XmlBuilder("x", Ns.MucLightConfiguration), previous, version);
        schema.Write(x, fields);
        return x.Build();
    }

    private static XmlBuilder Versions(XmlBuilder x, string? previous, string? version)
    {
        if (previous is not null)
        {
            x.Element("prev-version", previous);
        }

        return version is null ? x : x.Element("version", version);
    }

    private static void AddUsers(XmlBuilder to, IEnumerable<MucLightOccupant> users)
    {
        foreach (var user in users)
        {
            to.Start("user").Attribute("affiliation", user.Word).Text(user.Jid.ToString()).End();
        }
    }

    private static string? Version(XmlElement query) => query.ChildText("version");

    private RequestReading ReadConfiguration(XmlElement around) =>
        schema.TryRead(Fields(around), out var fields, out var refusal) ? new ConfigureRequest(fields) : refusal;

    private static RequestReading ReadAffiliations(XmlElement around) =>
        TryReadUsers(around, out var users) ? new AffiliateRequest(users) : MucLightResult.Invalid("a user or an affiliation cannot be read");

    private RequestReading ReadCreation(XmlElement query)
    {
        var fields = MucLightRoom.NoConfiguration;
        IReadOnlyList<MucLightOccupant> others = [];
        if (query.Child("configuration") is { } configuration && !schema.TryRead(Fields(configuration), out fields, out var refusal))
        {
            return refusal;
        }

        return query.Child("occupants") is { } occupants && !TryReadUsers(occupants, out others!)
            ? MucLightResult.Invalid("a user or an affiliation cannot be read")
            : new CreateRequest(fields, others);
    }

    private static RequestReading ReadBlocking(XmlElement query)
    {
        var changes = new List<(MucLightBlock, bool)>();
        foreach (var child in query.Children)
        {
            if (child.Name is not ("room" or "user") || child.Attribute("action") is not ("deny" or "allow") || !TryReadAddress(child.Text, out var jid))
            {
                return MucLightResult.Invalid("an item of the blocking list cannot be read");
            }

            changes.Add((new MucLightBlock(child.Name == "room", jid), child.Attribute("action") == "deny"));
        }

        return new BlockRequest(changes);
    }

    private static IEnumerable<(string Name, string Value)> Fields(XmlElement around) => around.Children.Select(child => (child.Name, child.Text));

    private static bool TryReadUsers(XmlElement around, [NotNullWhen(true)] out IReadOnlyList<MucLightOccupant>? users)
    {
        users = null;
        var read = new List<MucLightOccupant>();
        foreach (var child in around.Children)
        {
            if (child.Name == "version")
            {
                continue; // some clients name the version that they go out from
            }

            if (child.Name != "user" || !TryReadAddress(child.Text, out var jid) || MucLightOccupant.Read(child.Attribute("affiliation")) is not { } affiliation)
            {
                return false;
            }

            read.Add(new MucLightOccupant(jid, affiliation));
        }

        users = read;
        return true;
    }

    // An account's or a room's address, prepared; not a domain, not a resource.
    private static bool TryReadAddress(string text, [NotNullWhen(true)] out BareJid? jid)
    {
        jid = Jid.TryParse(text.Trim(), out var parsed) && parsed is BareJid { HasLocal: true } bare ? bare : null;
        return jid is not null;
    }
}
