using Meerkat.Core.Modules;
using Meerkat.Modules.Roster;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Tests.Doubles;

/// <summary>Rosters that a test lays down.</summary>
public sealed record FixedContacts
{
    public Dictionary<string, RosterItem[]> Items { get; } = [];

    public FixedContacts Add(string account, string contact, SubscriptionState state, params string[] groups)
    {
        Items[account] = [.. Items.GetValueOrDefault(account, []), new RosterItem(Jid.Parse(contact)) { State = state, Groups = groups }];
        return this;
    }
}

/// <summary>Offers the contacts that its options lay down. Its key is the first of all, so that it starts before those who use it.</summary>
[Module("a_test_contacts", Options = typeof(FixedContacts))]
public sealed class FixedContactsModule(FixedContacts contacts) : IModule, IContacts
{
    public void Register(IModuleRegistry on) => on.Offer<IContacts>(this);

    public ValueTask<ContactTable> FindAsync(BareJid account, CancellationToken ct) => new(ContactTable.Of(Of(account)));

    public ValueTask<RosterItem?> FindItemAsync(BareJid account, Jid entity, CancellationToken ct) => new(Of(account).FirstOrDefault(item => item.Contact.Equals(entity.Bare)));

    public ValueTask<IReadOnlyList<RosterItem>> ListAsync(BareJid account, CancellationToken ct) => new(Of(account));

    public ValueTask SendSubscriptionAsync(Presence presence, CancellationToken ct) => ValueTask.CompletedTask;

    private RosterItem[] Of(BareJid account) => contacts.Items.GetValueOrDefault(account.ToString(), []);
}
