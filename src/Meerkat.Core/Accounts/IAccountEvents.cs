using Meerkat.Xmpp;

namespace Meerkat.Core.Accounts;

/// <summary>What the host does when accounts come and go: runs its hooks, lets modules delete their data, ends sessions (AUTH-019, AUTH-061).</summary>
public interface IAccountEvents
{
    /// <summary>An account was registered, or an anonymous one came.</summary>
    ValueTask RegisteredAsync(BareJid account, CancellationToken ct);

    /// <summary>An account was removed: every module deletes its data, and all sessions end with <c>conflict</c>, <c>User removed</c>. The name cannot be registered again before this has ended.</summary>
    ValueTask RemovedAsync(BareJid account, CancellationToken ct);

    /// <summary>The last session of an anonymous account ended: modules delete its data.</summary>
    ValueTask AnonymousLeftAsync(BareJid account, CancellationToken ct);

    /// <summary>Ends all sessions of an account, with a reason for their users (AUTH-147).</summary>
    ValueTask EndSessionsAsync(BareJid account, string reason, CancellationToken ct);
}
