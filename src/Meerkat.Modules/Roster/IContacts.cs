using Meerkat.Core.Routing;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Roster;

/// <summary>What <c>mod_roster</c> tells other modules about the contacts of local accounts. Safe for concurrent use.</summary>
public interface IContacts : ISubscriptionSender
{
    /// <summary>The contacts of an account with their subscriptions.</summary>
    /// <returns>A table that later changes do not touch. Completes synchronously while the account has a session on this node that has needed it before.</returns>
    ValueTask<ContactTable> FindAsync(BareJid account, CancellationToken ct);

    /// <summary>One contact with its name and groups: by the entity's full JID where that is in the roster, else by its bare JID. Null when it is not there or only asks to be.</summary>
    ValueTask<RosterItem?> FindItemAsync(BareJid account, Jid entity, CancellationToken ct);

    /// <summary>The whole roster with names and groups, read from the store; hidden requests included (<see cref="RosterItem.IsHidden"/>).</summary>
    ValueTask<IReadOnlyList<RosterItem>> ListAsync(BareJid account, CancellationToken ct);
}
