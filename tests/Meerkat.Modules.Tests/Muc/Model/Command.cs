using Meerkat.Modules.Muc;

namespace Meerkat.Modules.Tests.Muc.Model;

/// <summary>A client: an account and a resource.</summary>
internal sealed record Client(int Number, string User, string Resource)
{
    public override string ToString() => $"{User}/{Resource}";
}

internal enum CommandKind
{
    /// <summary>Presence with the element that joins: an occupant is told everything anew.</summary>
    Join,

    /// <summary>Presence without it.</summary>
    Rename,
    Leave,
    Say,
    Subject,
    GiveRole,
    Affiliate,
    Configure,
    Destroy,

    /// <summary>The client's stream ends.</summary>
    Disconnect,
}

/// <summary>What a client sends.</summary>
/// <param name="Kind">What.</param>
/// <param name="Nick">The nick that it is about.</param>
/// <param name="User">The account that it is about.</param>
/// <param name="Value">The rest, in bits.</param>
internal sealed record Command(CommandKind Kind, string Nick, string User, int Value)
{
    /// <summary>Who sends it.</summary>
    public Client By { get; init; } = null!;

    /// <summary>Its id, unique in its sequence.</summary>
    public string Id { get; init; } = "";

    public Role Role => (Role)(Value % 4);

    public Affiliation Affiliation => (Affiliation)(Value % 5);

    public bool MakesMembersOnly => (Value & 1) != 0;

    public bool MakesModerated => (Value & 2) != 0;

    public bool MakesOpen => (Value & 4) != 0;

    public bool MakesPersistent => (Value & 8) != 0;

    /// <summary>Whether the client says nothing when it goes.</summary>
    public bool IsSilent => (Value & 1) != 0;

    public override string ToString() => Id + " " + Kind switch
    {
        CommandKind.Join or CommandKind.Rename => $"{Kind} {Nick}",
        CommandKind.GiveRole => $"{Nick} is {Role.Word()}",
        CommandKind.Affiliate => $"{User} is {Affiliation.Word()}",
        CommandKind.Configure => $"Configure members={MakesMembersOnly} moderated={MakesModerated} open={MakesOpen} persistent={MakesPersistent}",
        _ => Kind.ToString(),
    };

    /// <summary>The stanza.</summary>
    public string ToXml(string room, string domain) => Kind switch
    {
        CommandKind.Join => $"<presence id='{Id}' to='{room}/{Nick}'><x xmlns='http://jabber.org/protocol/muc'/></presence>",
        CommandKind.Rename => $"<presence id='{Id}' to='{room}/{Nick}'/>",
        CommandKind.Leave => $"<presence id='{Id}' type='unavailable' to='{room}/{Nick}'/>",
        CommandKind.Say => $"<message id='{Id}' type='groupchat' to='{room}'><body>{Id}</body></message>",
        CommandKind.Subject => $"<message id='{Id}' type='groupchat' to='{room}'><subject>{Id}</subject></message>",
        CommandKind.GiveRole => Iq(room, "admin", $"<item nick='{Nick}' role='{Role.Word()}'/>"),
        CommandKind.Affiliate => Iq(room, "admin", $"<item jid='{User}@{domain}' affiliation='{Affiliation.Word()}'/>"),
        CommandKind.Configure => Iq(room, "owner", "<x xmlns='jabber:x:data' type='submit'>"
            + Field("membersonly", MakesMembersOnly ? "1" : "0") + Field("moderatedroom", MakesModerated ? "1" : "0") + Field("whois", MakesOpen ? "anyone" : "moderators")
            + Field("persistentroom", MakesPersistent ? "1" : "0") + "</x>"),
        CommandKind.Destroy => Iq(room, "owner", "<destroy/>"),
        _ => IsSilent ? "" : "</stream:stream>",
    };

    private static string Field(string name, string value) => $"<field var='muc#roomconfig_{name}'><value>{value}</value></field>";

    private string Iq(string room, string space, string inside) => $"<iq id='{Id}' type='set' to='{room}'><query xmlns='http://jabber.org/protocol/muc#{space}'>{inside}</query></iq>";
}
