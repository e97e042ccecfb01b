using System.Collections.Immutable;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>What is being talked about in a room.</summary>
/// <param name="Texts">The <c>subject</c> elements, one a language; empty for none.</param>
/// <param name="Author">Nick of who set it; empty when nobody did.</param>
/// <param name="Set">When it was set.</param>
internal sealed record RoomSubject(ImmutableArray<XmlElement> Texts, string Author, DateTimeOffset Set)
{
    public static readonly RoomSubject None = new([], "", default);

    public string Text => Texts.IsDefaultOrEmpty ? "" : Texts[0].Text;
}

/// <summary>A hat that occupants of a room may wear (XEP-0317).</summary>
/// <param name="Uri">Its identity.</param>
/// <param name="Title">Its name for people.</param>
/// <param name="Hue">Its colour as an angle; null for none.</param>
internal sealed record Hat(string Uri, string Title, string? Hue);

/// <summary>All that a room is. Immutable: a command makes another one of it.</summary>
internal sealed record RoomState(BareJid Jid, string Secret)
{
    public RoomConfiguration Configuration { get; init; } = new();

    public AffiliationList Affiliations { get; init; } = AffiliationList.Empty;

    /// <summary>By nick.</summary>
    public ImmutableDictionary<string, Occupant> Occupants { get; init; } = ImmutableDictionary<string, Occupant>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Nick by the real address of a session.</summary>
    public ImmutableDictionary<Jid, string> Sessions { get; init; } = ImmutableDictionary<Jid, string>.Empty;

    public RoomSubject Subject { get; init; } = RoomSubject.None;

    public RoomHistory History { get; init; } = RoomHistory.Empty;

    /// <summary>Whether it waits for its creator to configure it (XEP-0045 §10.1): it does not exist for others.</summary>
    public bool IsLocked { get; init; }

    /// <summary>Hats that there are, by URI.</summary>
    public ImmutableSortedDictionary<string, Hat> Hats { get; init; } = ImmutableSortedDictionary<string, Hat>.Empty;

    /// <summary>URIs of the hats that accounts wear.</summary>
    public ImmutableDictionary<BareJid, ImmutableSortedSet<string>> Wearers { get; init; } = ImmutableDictionary<BareJid, ImmutableSortedSet<string>>.Empty;

    /// <summary>The room's own vCard, with its avatar (XEP-0486); null for none.</summary>
    public XmlElement? VCard { get; init; }

    /// <summary>Accounts that are members, or more than that.</summary>
    public IReadOnlyCollection<BareJid> Members =>
        [.. Affiliations.Entries.Where(entry => entry.Value.Affiliation >= Affiliation.Member).Select(entry => entry.Key).OfType<BareJid>().Where(user => user.HasLocal)];

    public Occupant? OfSession(Jid session) => Sessions.TryGetValue(session, out var nick) ? Occupants[nick] : null;

    public Occupant? OfNick(string nick) => Occupants.GetValueOrDefault(nick);

    /// <summary>With an occupant as it is now; its sessions point to it.</summary>
    public RoomState With(Occupant occupant)
    {
        var sessions = Sessions;
        foreach (var session in occupant.Sessions)
        {
            if (!sessions.TryGetValue(session.Jid, out var nick) || nick != occupant.Nick)
            {
                sessions = sessions.SetItem(session.Jid, occupant.Nick);
            }
        }

        return this with { Occupants = Occupants.SetItem(occupant.Nick, occupant), Sessions = sessions };
    }

    public RoomState Without(Occupant occupant) => this with
    {
        Occupants = Occupants.Remove(occupant.Nick),
        Sessions = Sessions.RemoveRange(occupant.Sessions.Select(session => session.Jid)),
    };

    /// <summary>Without one session of an occupant, and without the occupant when it was the last.</summary>
    public RoomState WithoutSession(Occupant occupant, Jid session)
    {
        var rest = occupant.Without(session);
        return rest.Sessions.IsEmpty ? Without(occupant) : this with { Occupants = Occupants.SetItem(occupant.Nick, rest), Sessions = Sessions.Remove(session) };
    }
}
