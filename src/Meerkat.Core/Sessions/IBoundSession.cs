using Meerkat.Xmpp;

namespace Meerkat.Core.Sessions;

/// <summary>A session with a bound resource, wherever it lives. Safe for concurrent use.</summary>
public interface IBoundSession
{
    /// <summary>Its address.</summary>
    FullJid Jid { get; }

    /// <summary>When it was bound: an increasing number, the oldest session has the lowest (CORE-120).</summary>
    long Order { get; }

    /// <summary>Priority for messages to the bare JID; 0 before the first presence, null after <c>unavailable</c> (CORE-121, CORE-122).</summary>
    int? Priority { get; }

    /// <summary>The last available presence that was broadcast; null when there is none.</summary>
    Presence? Presence { get; }

    /// <summary>A record that a module keeps on the session; null when there is none. <see cref="BoundSessionExtensions.Get{T}"/> knows its type.</summary>
    object? GetState(SessionStateKey key);

    /// <summary>Hands the session a stanza.</summary>
    /// <returns>False when the session has ended and did not take it.</returns>
    bool Deliver(Stanza stanza);

    /// <summary>Ends the session with a stream error.</summary>
    void Kick(StreamError error);
}
