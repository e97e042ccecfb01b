using Meerkat.Core.Sessions;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Presences;

/// <summary>What <c>mod_presence</c> does for other modules: lets somebody see an account, or no longer see it (privacy lists and blocking). Safe for concurrent use.</summary>
/// <remarks>What is sent here does not ask the sender's privacy list: who calls has just decided. The recipient's lists are asked as ever.</remarks>
public interface IPresenceBroadcast
{
    /// <summary>Sends the current presence of every available session of an account. Nothing is sent for a session that is not available.</summary>
    ValueTask SendAvailableAsync(BareJid account, Jid to, CancellationToken ct);

    /// <summary>Sends <c>unavailable</c> from every available session of an account.</summary>
    ValueTask SendUnavailableAsync(BareJid account, Jid to, CancellationToken ct);

    /// <summary>Sends the current presence of one session, if it is available.</summary>
    ValueTask SendAvailableAsync(IBoundSession session, Jid to, CancellationToken ct);

    /// <summary>Sends <c>unavailable</c> from one session, if it is available.</summary>
    ValueTask SendUnavailableAsync(IBoundSession session, Jid to, CancellationToken ct);

    /// <summary>Who sees the presence of an account: its contacts with subscription <c>from</c> or <c>both</c>, in no order. None without a roster.</summary>
    ValueTask<IReadOnlyList<Jid>> FindSubscribersAsync(BareJid account, CancellationToken ct);

    /// <summary>Everybody who knows that a session is available: subscribers, and those it sent directed presence. None when it is not available and sent none.</summary>
    ValueTask<IReadOnlyList<Jid>> FindAudienceAsync(IBoundSession session, CancellationToken ct);

    /// <summary>Whom a session sent directed presence, and no <c>unavailable</c> has passed between them since: the rooms among them that it thinks to be in, at the address that it has there. A copy, in no order.</summary>
    IReadOnlyCollection<Jid> DirectedBy(IBoundSession session);
}
