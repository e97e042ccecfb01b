using System.Collections.Immutable;
using System.Globalization;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>Hats: names that owners and admins give to occupants, without any right (XEP-0317). Commands (XEP-0050) in one step or two. Pure.</summary>
internal static class HatRules
{
    private const int MaxHats = 100;
    private const string Prefix = Ns.HatCommands + ":";
    private const string Uri = "hats#uri";
    private const string Title = "hats#title";
    private const string Hue = "hats#hue";
    private const string Who = "hats#jid";

    private static readonly (string Name, string Title)[] s_commands =
        [("create", "Create a hat"), ("destroy", "Destroy a hat"), ("list", "List the hats"), ("assign", "Assign a hat"), ("unassign", "Take a hat away"), ("list-assigned", "List who wears hats")];

    /// <summary>The commands, as items of the room's node of commands (XEP-0050 §3.1).</summary>
    public static IEnumerable<Disco.DiscoItem> Commands(BareJid room) => s_commands.Select(command => new Disco.DiscoItem(room.ToString(), command.Title, Prefix + command.Name));

    /// <returns>The result or error.</returns>
    public static Stanza Handle(Turn turn, Iq iq, XmlElement command)
    {
        if (iq.Type is not IqType.Set || command.Attribute("node") is not { } node || !node.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return Error(iq, iq.Type is IqType.Set ? StanzaError.ItemNotFound() : StanzaError.BadRequest());
        }

        var name = node[Prefix.Length..];
        var isAdmin = turn.AffiliationOf(iq.From!) >= Affiliation.Admin;
        if (!isAdmin && (name != "list" || turn.State.OfSession(iq.From!) is null))
        {
            return Error(iq, StanzaError.Forbidden());
        }

        if (command.Attribute("action") == "cancel")
        {
            return Done(iq, command, "canceled", null);
        }

        var form = DataForm.Find(command, DataFormType.Submit);
        return name switch
        {
            "list" => Done(iq, command, "completed", List(turn.State)),
            "list-assigned" => Done(iq, command, "completed", Assigned(turn.State)),
            "create" when form is null => Done(iq, command, "executing", CreationForm()),
            "create" => Create(turn, iq, command, form),
            "destroy" when form is null => Done(iq, command, "executing", ChoiceForm(turn.State, "Destroying a hat", withJid: false)),
            "destroy" => Destroy(turn, iq, command, form),
            "assign" or "unassign" when form is null => Done(iq, command, "executing", ChoiceForm(turn.State, "Hats of an occupant", withJid: true)),
            "assign" or "unassign" => Assign(turn, iq, command, form, name == "assign"),
            _ => Error(iq, StanzaError.ItemNotFound()),
        };
    }

    private static Stanza Create(Turn turn, Iq iq, XmlElement command, DataForm form)
    {
        var hue = form.ValueOf(Hue) is { Length: > 0 } given ? given : null;
        if (form.ValueOf(Uri) is not { Length: > 0 } uri || form.ValueOf(Title) is not { Length: > 0 } title
            || (hue is not null && !(double.TryParse(hue, NumberStyles.Float, CultureInfo.InvariantCulture, out var angle) && double.IsFinite(angle))))
        {
            return Error(iq, StanzaError.BadRequest());
        }

        if (turn.State.Hats.Count >= MaxHats && !turn.State.Hats.ContainsKey(uri))
        {
            return Error(iq, StanzaError.ResourceConstraint());
        }

        turn.State = turn.State with { Hats = turn.State.Hats.SetItem(uri, new Hat(uri, title, hue)) };
        ListChanged(turn, uri);
        return Done(iq, command, "completed", null);
    }

    private static Stanza Destroy(Turn turn, Iq iq, XmlElement command, DataForm form)
    {
        if ((form.ValueOf(Uri) ?? form.ValueOf("hat")) is not { } uri || !turn.State.Hats.ContainsKey(uri))
        {
            return Error(iq, StanzaError.ItemNotFound());
        }

        var wearers = turn.State.Wearers.Where(wearer => wearer.Value.Contains(uri)).Select(wearer => wearer.Key).ToArray();
        var rest = turn.State.Wearers;
        foreach (var wearer in wearers)
        {
            rest = Put(rest, wearer, rest[wearer].Remove(uri));
        }

        turn.State = turn.State with { Hats = turn.State.Hats.Remove(uri), Wearers = rest };
        turn.Saves = true;
        OwnerRules.Announce(turn, 104);
        foreach (var wearer in wearers)
        {
            ShowAgain(turn, wearer);
        }

        return Done(iq, command, "completed", null);
    }

    private static Stanza Assign(Turn turn, Iq iq, XmlElement command, DataForm form, bool wears)
    {
        if ((form.ValueOf(Uri) ?? form.ValueOf("hat")) is not { } uri || !turn.State.Hats.ContainsKey(uri) || form[Who] is not { } who || !who.TryGetJid(out var jid))
        {
            return Error(iq, StanzaError.BadRequest());
        }

        // An occupant may be named by his address in the room, where nobody sees the real one.
        var user = jid.Bare.Equals(turn.Room) && jid.Resource is { } nick ? turn.State.OfNick(nick)?.User : jid.Bare;
        if (user is null)
        {
            return Error(iq, StanzaError.ItemNotFound());
        }

        var worn = turn.State.Wearers.GetValueOrDefault(user) ?? [];
        turn.State = turn.State with { Wearers = Put(turn.State.Wearers, user, wears ? worn.Add(uri) : worn.Remove(uri)) };
        turn.Saves = true;
        ShowAgain(turn, user);
        return Done(iq, command, "completed", null);
    }

    private static void ListChanged(Turn turn, string uri)
    {
        turn.Saves = true;
        OwnerRules.Announce(turn, 104);
        foreach (var (user, worn) in turn.State.Wearers)
        {
            if (worn.Contains(uri))
            {
                ShowAgain(turn, user);
            }
        }
    }

    private static void ShowAgain(Turn turn, BareJid user)
    {
        foreach (var occupant in turn.State.Occupants.Values.Where(occupant => occupant.User.Equals(user)).ToArray())
        {
            RoleChanges.Update(turn, occupant, occupant.Affiliation, occupant.Role, null);
        }
    }

    private static ImmutableDictionary<BareJid, ImmutableSortedSet<string>> Put(ImmutableDictionary<BareJid, ImmutableSortedSet<string>> all, BareJid user, ImmutableSortedSet<string> worn) =>
        worn.IsEmpty ? all.Remove(user) : all.SetItem(user, worn);

    private static DataForm List(RoomState room)
    {
        var form = new DataFormBuilder(DataFormType.Result, Ns.HatCommands).Title("Hats")
            .Column(Title, DataFieldType.TextSingle, "Hat title").Column(Uri, DataFieldType.TextSingle, "Hat URI").Column(Hue, DataFieldType.TextSingle, "Hat hue");
        foreach (var hat in room.Hats.Values)
        {
            form.Item(new DataField(Title, null, hat.Title), new DataField(Uri, null, hat.Uri), new DataField(Hue, null, hat.Hue ?? ""));
        }

        return form.Build();
    }

    private static DataForm Assigned(RoomState room)
    {
        var form = new DataFormBuilder(DataFormType.Result, Ns.HatCommands).Title("Who wears hats")
            .Column(Who, DataFieldType.JidSingle, "Jabber ID").Column(Title, DataFieldType.TextSingle, "Hat title").Column(Uri, DataFieldType.TextSingle, "Hat URI");
        foreach (var (user, worn) in room.Wearers.OrderBy(wearer => wearer.Key.ToString(), StringComparer.Ordinal))
        {
            foreach (var uri in worn)
            {
                form.Item(new DataField(Who, null, user.ToString()), new DataField(Title, null, room.Hats[uri].Title), new DataField(Uri, null, uri));
            }
        }

        return form.Build();
    }

    private static DataForm CreationForm() => new DataFormBuilder(DataFormType.Form, Ns.HatCommands).Title("Creating a hat").Instructions("Fill in this form to create a hat.")
        .Ask(Title, DataFieldType.TextSingle, "Hat title", required: true).Ask(Uri, DataFieldType.TextSingle, "Hat URI", required: true).Ask(Hue, DataFieldType.TextSingle, "Hat hue").Build();

    private static DataForm ChoiceForm(RoomState room, string title, bool withJid)
    {
        var form = new DataFormBuilder(DataFormType.Form, Ns.HatCommands).Title(title).Instructions("Fill in this form.");
        if (withJid)
        {
            form.Ask(Who, DataFieldType.JidSingle, "Jabber ID", required: true);
        }

        return form.Choose(Uri, "The hat", [.. room.Hats.Values.Select(hat => new DataOption(hat.Uri, hat.Title))]).Build();
    }

    // One step needs no memory: the session is named after the request.
    private static Iq Done(Iq iq, XmlElement command, string status, DataForm? form)
    {
        var answer = new XmlBuilder("command", Ns.Commands)
            .Attribute("node", command.Attribute("node")).Attribute("sessionid", command.Attribute("sessionid") ?? $"hats-{iq.Id}").Attribute("status", status);
        if (status == "executing")
        {
            answer.Start("actions").Attribute("execute", "complete").Element("complete").End();
        }

        if (form is not null)
        {
            answer.Add(form.ToXml());
        }

        return Iq.Result(iq, answer.Build());
    }

    private static Stanza Error(Iq iq, StanzaError error) => StanzaReplies.ErrorFor(iq, error)!;
}
