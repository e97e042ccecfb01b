using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>A stanza and one who gets it. Many share the stanza.</summary>
/// <param name="Stanza">The stanza, its sender set.</param>
/// <param name="To">Who gets it.</param>
internal readonly record struct Delivery(Stanza Stanza, Jid To);

/// <summary>An affiliation that was changed.</summary>
/// <param name="User">Whose.</param>
/// <param name="Before">What it was.</param>
/// <param name="After">What it is.</param>
/// <param name="Reason">Why.</param>
internal sealed record AffiliationChange(Jid User, Affiliation Before, Affiliation After, string Reason);

/// <summary>A message that is to be said to everybody once the room's archive and others have seen it.</summary>
/// <param name="Message">The message: from <c>room/nick</c> or the room.</param>
/// <param name="Sender">Who sent it; the room itself where nobody did.</param>
/// <param name="Affiliation">The sender's affiliation; null when the room speaks.</param>
/// <param name="Role">The sender's role; null when the room speaks.</param>
internal sealed record Speech(Message Message, Jid Sender, Affiliation? Affiliation, Role? Role);

/// <summary>A message that a moderator takes back (XEP-0425).</summary>
/// <param name="Request">What he sent.</param>
/// <param name="By">He.</param>
/// <param name="Id">Id that the room gave the message.</param>
/// <param name="Retracted">What stands in its place.</param>
/// <param name="Retraction">What everybody is told.</param>
internal sealed record Moderation(Iq Request, Occupant By, string Id, XmlElement Retracted, Message Retraction);

/// <summary>What a command makes of a room: the rules write down the new state and all that is to happen outside. Lives for one command; the state that it began with is untouched.</summary>
internal sealed class Turn(RoomState state, RoomWorld world)
{
    /// <summary>The state as it is by now.</summary>
    public RoomState State { get; set; } = state;

    /// <summary>The world that the command came into.</summary>
    public RoomWorld World { get; } = world;

    /// <summary>What is to be sent, in order.</summary>
    public List<Delivery> Deliveries { get; } = [];

    /// <summary>Affiliations that were changed, in order.</summary>
    public List<AffiliationChange> Affiliations { get; } = [];

    /// <summary>What happened, for logs and events, in order.</summary>
    public List<RoomEvent> Events { get; } = [];

    /// <summary>Sessions that came in, in order.</summary>
    public List<Jid> Came { get; } = [];

    /// <summary>Sessions that are not here any more, in order.</summary>
    public List<Jid> Went { get; } = [];

    /// <summary>Those of them that left by themselves, with whom they were.</summary>
    public List<(Jid Session, Occupant Occupant)> Left { get; } = [];

    /// <summary>What is to be said to everybody, in order, after all deliveries.</summary>
    public List<Speech> Speeches { get; } = [];

    /// <summary>Private messages to occupants of several sessions, in order: archive and inbox of the account are to see each once.</summary>
    public List<(Message Message, Occupant To)> Whispers { get; } = [];

    /// <summary>Whether configuration, subject, hats or avatar of a persistent room have changed.</summary>
    public bool Saves { get; set; }

    /// <summary>Whether the room is to be forgotten by the storage and the archive.</summary>
    public bool Forgets { get; set; }

    /// <summary>Whether the room ends.</summary>
    public bool Ends { get; set; }

    /// <summary>Nicks that are registered for accounts with the service (MUC-067); an empty one unregisters.</summary>
    public List<(BareJid User, string Nick)> Registrations { get; } = [];

    /// <summary>A request that the room does not know: others may (<see cref="Core.Hooks.RoomHooks.Iq"/>).</summary>
    public Iq? Unknown { get; set; }

    /// <summary>A message that a moderator takes back, before anybody has looked whether there is one (XEP-0425); null for none.</summary>
    public Moderation? Moderation { get; set; }

    public BareJid Room => State.Jid;

    public RoomConfiguration Configuration => State.Configuration;

    public void Send(Stanza stanza) => Deliveries.Add(new Delivery(stanza, stanza.To!));

    public void Send(Stanza stanza, Jid to) => Deliveries.Add(new Delivery(stanza, to));

    /// <summary>Answers with an error where one may be sent.</summary>
    public void Reject(Stanza stanza, StanzaError error)
    {
        if (StanzaReplies.ErrorFor(stanza, error) is { } reply)
        {
            Send(reply);
        }
    }

    /// <summary>Sends a stanza to every session in the room.</summary>
    public void ToAll(Stanza stanza)
    {
        foreach (var (_, occupant) in State.Occupants)
        {
            foreach (var session in occupant.Sessions)
            {
                Deliveries.Add(new Delivery(stanza, session.Jid));
            }
        }
    }

    /// <summary>The affiliation that counts: a service admin owns every room (MUC-072).</summary>
    public Affiliation AffiliationOf(Jid user) => World.Policy.IsAdmin(user) ? Affiliation.Owner : State.Affiliations.Of(user);
}
