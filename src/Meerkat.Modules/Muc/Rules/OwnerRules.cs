using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>What an owner does with a room: configure, destroy (XEP-0045 §10; MUC-004, MUC-005, MUC-070, MUC-071). Pure.</summary>
internal static class OwnerRules
{
    /// <summary>A request in the namespace <c>muc#owner</c>.</summary>
    /// <returns>The result or error.</returns>
    public static Stanza Handle(Turn turn, Iq iq, XmlElement query)
    {
        var from = iq.From!;
        if (!AffiliationRules.May(turn.AffiliationOf(from), AffiliationPrivilege.ChangeConfiguration))
        {
            return Error(iq, StanzaError.Forbidden("Owner privileges required"));
        }

        if (iq.Type is IqType.Get)
        {
            return query.Child("item") is { } item ? List(turn, iq, query, item) : Iq.Result(iq, new XmlBuilder("query", Ns.MucOwner).Add(Form(turn, from).ToXml()).Build());
        }

        if (query.Child("destroy") is { } destroy)
        {
            Destroy(turn, ForOccupants(destroy));
            return Iq.Result(iq, null);
        }

        return Configure(turn, iq, query);
    }

    /// <summary>The room ends for good: everybody is told why and where to go (MUC-071).</summary>
    public static void Destroy(Turn turn, XmlElement destroy)
    {
        foreach (var occupant in turn.State.Occupants.Values.ToArray())
        {
            var extras = PresenceExtras.None with { Destroy = destroy, Affiliation = Affiliation.None };
            foreach (var session in occupant.Sessions)
            {
                turn.Send(PresenceWriter.Unavailable(turn.State, occupant, session, null, false, extras), session.Jid);
            }
        }

        turn.Went.AddRange(turn.State.Sessions.Keys);
        turn.State = turn.State with { Occupants = turn.State.Occupants.Clear(), Sessions = turn.State.Sessions.Clear() };
        turn.Ends = true;
        turn.Forgets = true;
        turn.Events.Add(new RoomEvent(RoomEventKind.Destroyed, "", destroy.ChildText("reason") ?? ""));
    }

    /// <summary>Changes the configuration and tells the occupants what they must know (MUC-005).</summary>
    /// <param name="turn">The turn.</param>
    /// <param name="after">The configuration, checked.</param>
    public static void Apply(Turn turn, RoomConfiguration after)
    {
        var before = turn.Configuration;
        turn.State = turn.State with
        {
            Configuration = after,
            IsLocked = false,
            Occupants = turn.State.Occupants.SetItems(turn.State.Occupants.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Slim()))),
        };
        turn.Saves |= after.IsPersistent;
        turn.Forgets |= before.IsPersistent && !after.IsPersistent;
        turn.Events.Add(new RoomEvent(RoomEventKind.Configured));
        if (after.IsMembersOnly && !before.IsMembersOnly)
        {
            AffiliationChanges.ExpelStrangers(turn);
        }

        if (after.Logging != before.Logging)
        {
            Announce(turn, after.Logging ? 170 : 171);
        }

        if (after.IsSemiAnonymous != before.IsSemiAnonymous)
        {
            Announce(turn, after.IsSemiAnonymous ? 173 : 172);
        }
    }

    /// <summary>Tells everybody that something about the room has changed.</summary>
    public static void Announce(Turn turn, int code)
    {
        var x = new XmlBuilder("x", Ns.MucUser).Start("status").Attribute("code", code.ToString(System.Globalization.CultureInfo.InvariantCulture)).End();
        turn.ToAll(Message.Create(MessageType.Groupchat, turn.Room, null, null, x.Build()));
    }

    /// <summary>The owner's <c>destroy</c> as occupants get it: alternate venue, password and reason kept.</summary>
    public static XmlElement ForOccupants(XmlElement destroy)
    {
        var told = new XmlBuilder("destroy", Ns.MucUser).Attribute("jid", destroy.Attribute("jid"));
        foreach (var name in (ReadOnlySpan<string>)["reason", "password"])
        {
            if (destroy.ChildText(name) is { } text)
            {
                told.Element(name, text);
            }
        }

        return told.Build();
    }

    private static Stanza List(Turn turn, Iq iq, XmlElement query, XmlElement item) =>
        MucWords.TryReadAffiliation(item.Attribute("affiliation"), out var affiliation)
            ? AdminRules.Affiliated(turn, iq, query, affiliation)
            : Error(iq, StanzaError.BadRequest());

    private static DataForm Form(Turn turn, Jid owner) =>
        ConfigurationForm.Write(turn.State, turn.World.Options.MaxUsers, turn.World.Policy.MayPersist(owner), turn.World.Policy.MayLog(owner) is true);

    private static Stanza Configure(Turn turn, Iq iq, XmlElement query)
    {
        var items = query.Children.Where(child => child.Is("item", query.Namespace)).ToArray();
        if (items.Length > 0)
        {
            // COMPAT: clients that change the lists of owners and admins in this namespace (XEP-0045 before 1.21).
            return AdminRules.Change(turn, iq.From!, items) is { } refused ? Error(iq, refused) : Iq.Result(iq, null);
        }

        if (query.Child("x", Ns.DataForms) is not { } x || !DataForm.TryRead(x, out var form))
        {
            return Error(iq, StanzaError.BadRequest());
        }

        if (form.Type is DataFormType.Cancel)
        {
            if (turn.State.IsLocked)
            {
                Destroy(turn, new XmlBuilder("destroy", Ns.MucUser).Build());
            }

            return Iq.Result(iq, null); // MUC-004
        }

        if (form.Type is not DataFormType.Submit || form.FormType is not (null or Ns.MucRoomConfig))
        {
            return Error(iq, StanzaError.BadRequest());
        }

        var (policy, from) = (turn.World.Policy, iq.From!);
        if (ConfigurationForm.Read(form, turn.Configuration, turn.World.Options, policy.MayPersist(from), policy.MayLog(from) is true, out var after) is { } error)
        {
            return Error(iq, error);
        }

        Apply(turn, after);
        return Iq.Result(iq, null);
    }

    private static Stanza Error(Iq iq, StanzaError error) => StanzaReplies.ErrorFor(iq, error)!;
}
