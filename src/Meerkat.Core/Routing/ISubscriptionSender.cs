using Meerkat.Xmpp;

namespace Meerkat.Core.Routing;

/// <summary>Sends the subscription stanzas of an account that has no session at hand. Registered by the module that keeps rosters (<see cref="Modules.IModuleRegistry.Operations{T}"/>).</summary>
public interface ISubscriptionSender
{
    /// <summary>The sender's roster changes, its clients are told, the stanza goes to the contact (CORE-164).</summary>
    /// <param name="presence">The stanza; sender and recipient are set.</param>
    /// <param name="ct">Cancels waits before the roster is written.</param>
    ValueTask SendSubscriptionAsync(Presence presence, CancellationToken ct);
}
