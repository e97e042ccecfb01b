using System.Collections.Immutable;
using Meerkat.Core.Placement;
using Meerkat.Core.Sessions;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.MucLight;

/// <summary>What the writer of a room is told. It can travel to the node where the writer lives.</summary>
/// <param name="Id">Id of the request, which its notices have too.</param>
internal abstract record RoomCommand(string Id)
{
    private const string Create = "create";
    private const string Configure = "configure";
    private const string Affiliate = "affiliate";
    private const string Leave = "leave";
    private const string Destroy = "destroy";
    private const string Say = "say";

    /// <summary>How commands travel. The session that a message came from stays behind.</summary>
    public static PlacementCodec<RoomCommand> Codec { get; } = new(Encode, Decode);

    /// <summary>How answers travel.</summary>
    public static PlacementCodec<MucLightResult> ReplyCodec { get; } = new(
        reply => new XmlBuilder("reply", "").Attribute("outcome", reply.Outcome.ToString()).Attribute("reason", reply.Reason).Build(),
        element => new MucLightResult(Enum.Parse<MucLightOutcome>(element.Attribute("outcome")!), element.Attribute("reason")));

    private static XmlElement Encode(RoomCommand command)
    {
        var (name, actor) = command switch
        {
            CreateCommand create => (Create, create.Actor),
            ConfigureCommand configure => (Configure, configure.Actor),
            AffiliateCommand affiliate => (Affiliate, affiliate.Actor),
            LeaveCommand leave => (Leave, leave.Actor),
            DestroyCommand destroy => (Destroy, destroy.Actor),
            _ => (Say, null),
        };
        var element = new XmlBuilder(name, "").Attribute("id", command.Id).Attribute("actor", actor?.ToString());
        switch (command)
        {
            case CreateCommand create:
                AddFields(element, create.Fields);
                AddUsers(element, create.Others);
                break;
            case ConfigureCommand configure:
                AddFields(element, configure.Fields);
                break;
            case AffiliateCommand affiliate:
                AddUsers(element, affiliate.Wanted);
                break;
            case SayCommand say:
                element.Add(say.Message.ToElement());
                break;
        }

        return element.Build();
    }

    private static RoomCommand Decode(XmlElement element)
    {
        var id = element.Attribute("id")!;
        var actor = element.Attribute("actor") is { } jid ? BareJid.Parse(jid) : null;
        return element.Name switch
        {
            Create => new CreateCommand(actor!, Fields(element), Users(element), id),
            Configure => new ConfigureCommand(actor!, Fields(element), id),
            Affiliate => new AffiliateCommand(actor!, Users(element), id),
            Leave => new LeaveCommand(actor!, id),
            Destroy => new DestroyCommand(actor, id),
            _ => new SayCommand((Message)StanzaReader.ReadTrusted(element.FirstChild!.Value.Detach())!, null, id),
        };
    }

    private static void AddFields(XmlBuilder to, ImmutableSortedDictionary<string, string> fields)
    {
        foreach (var (key, value) in fields)
        {
            to.Start("field").Attribute("key", key).Attribute("value", value).End();
        }
    }

    private static void AddUsers(XmlBuilder to, IEnumerable<MucLightOccupant> users)
    {
        foreach (var user in users)
        {
            to.Start("user").Attribute("jid", user.Jid.ToString()).Attribute("affiliation", user.Word).End();
        }
    }

    private static ImmutableSortedDictionary<string, string> Fields(XmlElement element) => MucLightRoom.NoConfiguration.AddRange(
        element.Children.Where(child => child.Is("field", "")).Select(field => KeyValuePair.Create(field.Attribute("key")!, field.Attribute("value")!)));

    private static IReadOnlyList<MucLightOccupant> Users(XmlElement element) =>
        [.. element.Children.Where(child => child.Is("user", "")).Select(user => new MucLightOccupant(BareJid.Parse(user.Attribute("jid")!), MucLightOccupant.Read(user.Attribute("affiliation"))!.Value))];
}

/// <summary>Make the room (MUL-030).</summary>
/// <param name="Actor">Who creates it.</param>
/// <param name="Fields">Values of the configuration that differ from the schema's defaults, by internal key.</param>
/// <param name="Others">Who else is to be in it.</param>
/// <param name="Id">Id of the request.</param>
internal sealed record CreateCommand(BareJid Actor, ImmutableSortedDictionary<string, string> Fields, IReadOnlyList<MucLightOccupant> Others, string Id) : RoomCommand(Id);

/// <summary>Change the configuration (MUL-021).</summary>
/// <param name="Actor">Who asks.</param>
/// <param name="Fields">New values by internal key.</param>
/// <param name="Id">Id of the request.</param>
internal sealed record ConfigureCommand(BareJid Actor, ImmutableSortedDictionary<string, string> Fields, string Id) : RoomCommand(Id);

/// <summary>Change who is in the room (MUL-022).</summary>
/// <param name="Actor">Who asks.</param>
/// <param name="Wanted">Who is to become what.</param>
/// <param name="Id">Id of the request.</param>
internal sealed record AffiliateCommand(BareJid Actor, IReadOnlyList<MucLightOccupant> Wanted, string Id) : RoomCommand(Id);

/// <summary>Somebody goes whatever the rules say: the account is removed (MUL-051).</summary>
/// <param name="Actor">Who.</param>
/// <param name="Id">Id of the notices.</param>
internal sealed record LeaveCommand(BareJid Actor, string Id) : RoomCommand(Id);

/// <summary>Destroy the room (MUL-032).</summary>
/// <param name="Actor">Who asks; null for an administrator.</param>
/// <param name="Id">Id of the request.</param>
internal sealed record DestroyCommand(BareJid? Actor, string Id) : RoomCommand(Id);

/// <summary>Say something to all (MUL-010).</summary>
/// <param name="Message">The message, from its sender to the room.</param>
/// <param name="Origin">The local session that sent it; null when it came from elsewhere.</param>
/// <param name="Id">Id of the message.</param>
internal sealed record SayCommand(Message Message, Session? Origin, string Id) : RoomCommand(Id);
