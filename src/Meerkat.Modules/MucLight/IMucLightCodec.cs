using System.Collections.Immutable;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.MucLight;

/// <summary>A language in which clients and rooms talk: the service's own, or XEP-0045's (MUL-070). Pure; safe for concurrent use.</summary>
internal interface IMucLightCodec
{
    /// <summary>The feature and the node by which clients find the service (MUL-001, MUL-002).</summary>
    string Namespace { get; }

    /// <summary>Reads a get or set.</summary>
    RequestReading Read(Iq iq, XmlElement payload);

    /// <summary>The answer to a request for a part of a room; null where the client's copy is current.</summary>
    XmlElement? Write(ReadRequest request, MucLightRoom room);

    /// <summary>The answer to a request for the blocking list.</summary>
    /// <param name="blocks">What is blocked.</param>
    /// <param name="service">The service that was asked.</param>
    XmlElement Write(IReadOnlyList<MucLightBlock> blocks, BareJid service);

    /// <summary>The change of configuration that a message asks for; null when it is something to say (MUL-071).</summary>
    RequestReading Read(Message message);

    /// <summary>Tells the occupants of a new room.</summary>
    RoomNotices Created(MucLightRoom room, string id);

    /// <summary>Tells the occupants of a changed configuration.</summary>
    /// <param name="before">The room before.</param>
    /// <param name="after">The room afterwards.</param>
    /// <param name="fields">What was set, by internal key.</param>
    /// <param name="id">Id of the request.</param>
    RoomNotices Configured(MucLightRoom before, MucLightRoom after, ImmutableSortedDictionary<string, string> fields, string id);

    /// <summary>Tells the occupants, and those who were, of changed affiliations.</summary>
    /// <param name="before">The room before.</param>
    /// <param name="after">The room afterwards; without occupants when it is gone.</param>
    /// <param name="changes">Who became what.</param>
    /// <param name="actor">Who asked for it.</param>
    /// <param name="id">Id of the request.</param>
    RoomNotices Affiliated(MucLightRoom before, MucLightRoom after, IReadOnlyList<MucLightOccupant> changes, BareJid actor, string id);

    /// <summary>Tells the occupants that the room is gone.</summary>
    RoomNotices Destroyed(MucLightRoom room, string id);
}

/// <summary>What a room tells after a change.</summary>
/// <param name="Archived">What its archive keeps of it, from the room and without a recipient; null for nothing (MUL-050).</param>
/// <param name="Stanzas">One for each who is told, addressed.</param>
internal sealed record RoomNotices(Message? Archived, IEnumerable<Stanza> Stanzas);
