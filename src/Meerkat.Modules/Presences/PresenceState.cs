using System.Globalization;
using Meerkat.Core.Sessions;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Delays;

namespace Meerkat.Modules.Presences;

/// <summary>What a session keeps about its presence beside the presence itself: when it was sent, and who is an exception to "all subscribers".</summary>
/// <remarks>
/// The available-set of the specification is not kept as a list: it is the contacts with <c>from</c>, less the <em>withheld</em>, plus the <em>directed</em>; both are
/// mostly empty. Safe for concurrent use.
/// </remarks>
internal sealed class PresenceState
{
    /// <summary>How many entities a session may send directed presence to; one more is refused.</summary>
    public const int MaxDirected = 2000;

    /// <summary>Its identity on sessions.</summary>
    public static readonly SessionStateKey<PresenceState> Key = new("presence", state => state.Encode(), Decode);

    private const string Namespace = "meerkat:presence";

    private readonly Lock _gate = new();
    private HashSet<Jid>? _directed;
    private HashSet<Jid>? _withheld;
    private long _sent;
    private Presence? _current;
    private Presence? _delayed;

    /// <summary>Those who got directed presence and no <c>unavailable</c> since; a copy.</summary>
    public IReadOnlyCollection<Jid> Directed
    {
        get
        {
            lock (_gate)
            {
                return _directed is null ? [] : [.. _directed];
            }
        }
    }

    /// <summary>An available presence is broadcast.</summary>
    /// <param name="now">The time.</param>
    /// <param name="isFirst">Whether the session was not available before: everybody is told again.</param>
    public void Broadcast(DateTimeOffset now, bool isFirst)
    {
        lock (_gate)
        {
            _sent = now.UtcTicks;
            _current = null;
            _delayed = null;
            if (isFirst)
            {
                _withheld = null;
            }
        }
    }

    /// <summary>Directed presence is sent to an entity.</summary>
    /// <returns>False when there are too many.</returns>
    public bool TryDirect(Jid to)
    {
        lock (_gate)
        {
            _withheld?.Remove(to);
            if (_directed is { Count: >= MaxDirected } && !_directed.Contains(to))
            {
                return false;
            }

            (_directed ??= []).Add(to);
            return true;
        }
    }

    /// <summary>An entity shall know no more of this session: it was sent directed <c>unavailable</c>, or answered with an error.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="isSubscribed">Whether it would get broadcasts.</param>
    /// <returns>Whether that changed anything.</returns>
    public bool Withhold(Jid entity, bool isSubscribed)
    {
        lock (_gate)
        {
            var was = _directed?.Remove(entity) is true;
            return (isSubscribed && (_withheld ??= []).Add(entity)) || was;
        }
    }

    /// <summary>An entity went: it needs no <c>unavailable</c> of this session any more.</summary>
    /// <returns>Whether that changed anything.</returns>
    public bool Left(Jid entity)
    {
        lock (_gate)
        {
            return _directed?.Remove(entity) is true;
        }
    }

    /// <summary>An entity came: a subscriber gets broadcasts again (CORE-167).</summary>
    /// <returns>Whether that changed anything.</returns>
    public bool Came(Jid entity)
    {
        lock (_gate)
        {
            return _withheld is not null && (_withheld.Remove(entity) | _withheld.Remove(entity.Bare));
        }
    }

    /// <summary>Whether broadcasts pass an entity over.</summary>
    public bool IsWithheld(Jid entity)
    {
        lock (_gate)
        {
            return _withheld is not null && _withheld.Contains(entity);
        }
    }

    /// <summary>Whether an entity got directed presence: at exactly this address, or its account did.</summary>
    public bool IsDirected(Jid entity)
    {
        lock (_gate)
        {
            return _directed is not null && (_directed.Contains(entity) || _directed.Contains(entity.Bare));
        }
    }

    /// <summary>The session becomes unavailable.</summary>
    /// <returns>Who had got directed presence; nobody is left.</returns>
    public IReadOnlyCollection<Jid> TakeDirected()
    {
        lock (_gate)
        {
            var directed = _directed;
            _directed = null;
            return directed is null ? [] : directed;
        }
    }

    /// <summary>A presence as it answers a probe: with the time when it was sent (XEP-0203). Made once for all who probe.</summary>
    public Presence Delayed(Presence current)
    {
        lock (_gate)
        {
            if (_delayed is null || !ReferenceEquals(_current, current))
            {
                _current = current;
                _delayed = (Presence)Delay.StampIfMissing(current, current.From!, new DateTimeOffset(_sent, TimeSpan.Zero), "Delayed presence");
            }

            return _delayed;
        }
    }

    private static PresenceState Decode(XmlElement element)
    {
        var state = new PresenceState { _sent = long.Parse(element.Attribute("sent")!, CultureInfo.InvariantCulture) };
        foreach (var child in element.Children)
        {
            (child.Name == "directed" ? state._directed ??= [] : state._withheld ??= []).Add(Jid.Parse(child.Text));
        }

        return state;
    }

    private XmlElement Encode()
    {
        lock (_gate)
        {
            var builder = new XmlBuilder("state", Namespace).Attribute("sent", _sent.ToString(CultureInfo.InvariantCulture));
            foreach (var entity in _directed ?? [])
            {
                builder.Element("directed", entity.ToString());
            }

            foreach (var entity in _withheld ?? [])
            {
                builder.Element("withheld", entity.ToString());
            }

            return builder.Build();
        }
    }
}
