using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.OfflineChatMarkers;

/// <summary>Which conversations have got chat markers while their account was away, and since when (OCM-001). Safe for concurrent use.</summary>
public interface IOfflineMarkerStore : IAccountData
{
    /// <summary>Remembers a conversation; one that is remembered keeps its older moment.</summary>
    /// <param name="account">The account.</param>
    /// <param name="missed">The conversation.</param>
    /// <param name="limit">How many of the account's are remembered at most.</param>
    /// <param name="ct">Gives up before the write begins.</param>
    /// <returns>False when it would be one too many.</returns>
    ValueTask<bool> AddAsync(BareJid account, MissedMarkers missed, int limit, CancellationToken ct);

    /// <summary>The conversations of an account, in no order.</summary>
    ValueTask<IReadOnlyList<MissedMarkers>> ListAsync(BareJid account, CancellationToken ct);
}

/// <summary>A conversation that has got chat markers.</summary>
/// <param name="Room">The room; null for one-to-one conversations.</param>
/// <param name="Thread">The thread; empty for the main one.</param>
/// <param name="Since">The moment of the oldest marker, in microseconds since 1970.</param>
public sealed record MissedMarkers(BareJid? Room, string Thread, long Since);
