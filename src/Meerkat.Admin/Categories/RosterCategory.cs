using Meerkat.Admin.GraphQL;
using Meerkat.Core.Hosts;
using Meerkat.Modules.Roster;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Categories;

/// <summary><c>roster</c> (GQA-ROSTER-01 to 10).</summary>
internal sealed class RosterCategory(ServerContext server) : ICategory
{
    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        const string Query = "RosterAdminQuery";
        admin.Add(Query, "listContacts", call => ListAsync(call.Jid("user").Bare, call));
        admin.Add(Query, "getContact", call => FindAsync(call.Jid("user").Bare, call));

        const string Mutation = "RosterAdminMutation";
        admin.Add(Mutation, "addContact", call => AddAsync(call.Jid("user").Bare, Contact(call.Jid("contact"), call.Find<string>("name"), call.FindList<string>("groups")), call.Ct));
        admin.Add(Mutation, "addContacts", call => call.ForEachAsync(call.Objects("contacts"), contact => AddAsync(call.Jid("user").Bare, Contact(contact), call.Ct)));
        admin.Add(Mutation, "subscription", call => SubscribeAsync(call.Jid("user").Bare, call));
        admin.Add(Mutation, "deleteContact", call => RemoveAsync(call.Jid("user").Bare, call.Jid("contact"), call.Ct));
        admin.Add(Mutation, "deleteContacts", call => call.ForEachAsync(call.FindList<Jid>("contacts")!, contact => RemoveAsync(call.Jid("user").Bare, contact, call.Ct)));
        user.Add("RosterUserQuery", "listContacts", call => ListAsync(call.Self, call));
        user.Add("RosterUserQuery", "getContact", call => FindAsync(call.Self, call));
        const string Own = "RosterUserMutation";
        user.Add(Own, "addContact", call => AddAsync(call.Self, Contact(call.Jid("contact"), call.Find<string>("name"), call.FindList<string>("groups")), call.Ct));
        user.Add(Own, "addContacts", call => call.ForEachAsync(call.Objects("contacts"), contact => AddAsync(call.Self, Contact(contact), call.Ct)));
        user.Add(Own, "subscription", call => SubscribeAsync(call.Self, call));
        user.Add(Own, "deleteContact", call => RemoveAsync(call.Self, call.Jid("contact"), call.Ct));
        user.Add(Own, "deleteContacts", call => call.ForEachAsync(call.FindList<Jid>("contacts")!, contact => RemoveAsync(call.Self, contact, call.Ct)));
        admin.Add(Mutation, "setMutualSubscription", async call =>
        {
            var (a, b) = (call.Jid("userA").Bare, call.Jid("userB").Bare);
            var details = new (string, object?)[] { ("userA", a), ("userB", b) };
            return call.Text("action") == "CONNECT"
                ? Say(await Of(a, details).ConnectAsync(Contact(a, null, null), Contact(b, null, null), call.Ct), $"{a} and {b} see each other", a, b, details)
                : Say(await Of(a, details).DisconnectAsync(a, b, call.Ct), $"{a} and {b} are in each other's roster no longer", a, b, details);
        });
        admin.Add(Mutation, "subscribeToAll", call =>
        {
            var owner = Contact(call.Get<IDictionary<string, object?>>("user"));
            return call.ForEachAsync(call.Objects("contacts"), contact => ConnectAsync(owner, Contact(contact), call.Ct));
        });
        admin.Add(Mutation, "subscribeAllToAll", call =>
        {
            var all = call.Objects("contacts").Select(Contact).ToList();
            var pairs = all.SelectMany((first, i) => all.Skip(i + 1).Select(second => (first, second)));
            return call.ForEachAsync(pairs, pair => ConnectAsync(pair.first, pair.second, call.Ct));
        });
    }

    private async ValueTask<IEnumerable<object>> ListAsync(BareJid owner, OperationCall call)
    {
        var (result, contacts) = await Of(owner, ("user", owner)).ListAsync(owner, call.Ct);
        return result is RosterResult.Ok ? contacts.Select(Shown) : throw Refusal(result, owner, null, ("user", owner));
    }

    private async ValueTask<object> FindAsync(BareJid owner, OperationCall call)
    {
        var contact = call.Jid("contact");
        var details = new (string, object?)[] { ("contact", contact), ("user", owner) };
        var (result, item) = await Of(owner, details).FindAsync(owner, contact, call.Ct);
        return item is not null ? Shown(item) : throw Refusal(result, owner, contact, details);
    }

    private async ValueTask<string> AddAsync(BareJid owner, RosterContact contact, CancellationToken ct)
    {
        var details = new (string, object?)[] { ("user", owner), ("contact", contact.Jid) };
        return Say(await Of(owner, details).AddAsync(owner, contact, ct), $"{contact.Jid} is in the roster of {owner}", owner, contact.Jid, details);
    }

    private async ValueTask<string> SubscribeAsync(BareJid owner, OperationCall call)
    {
        var contact = call.Jid("contact").Bare;
        var details = new (string, object?)[] { ("user", owner), ("contact", contact) };
        var type = call.Text("action") switch
        {
            "INVITE" => PresenceType.Subscribe,
            "ACCEPT" => PresenceType.Subscribed,
            "DECLINE" => PresenceType.Unsubscribed,
            _ => PresenceType.Unsubscribe,
        };
        return Say(await Of(owner, details).SubscribeAsync(owner, contact, type, call.Ct), $"{owner} has sent {type.ToString().ToLowerInvariant()} to {contact}", owner, contact, details);
    }

    private async ValueTask<string> RemoveAsync(BareJid owner, Jid contact, CancellationToken ct)
    {
        var details = new (string, object?)[] { ("user", owner), ("contact", contact) };
        return Say(await Of(owner, details).RemoveAsync(owner, contact, ct), $"{contact} is no longer in the roster of {owner}", owner, contact, details);
    }

    private async ValueTask<string> ConnectAsync(RosterContact a, RosterContact b, CancellationToken ct)
    {
        var details = new (string, object?)[] { ("user", a.Jid), ("contact", b.Jid) };
        return Say(await Of(a.Jid, details).ConnectAsync(a, b, ct), $"{a.Jid} and {b.Jid} see each other", a.Jid, b.Jid, details);
    }

    private RosterOperations Of(BareJid owner, params (string, object?)[] details) => server.Domains.TryFindAccounts(owner.Domain, out var domain)
        ? domain.Host.Operations<RosterOperations>()!
        : throw Refusal(RosterResult.UnknownDomain, owner, null, details);

    private static string Say(RosterResult result, string done, BareJid owner, Jid contact, (string, object?)[] details) => result is RosterResult.Ok ? done : throw Refusal(result, owner, contact, details);

    private static OperationException Refusal(RosterResult result, BareJid owner, Jid? contact, params (string, object?)[] details) => result switch
    {
        RosterResult.UnknownDomain => new("unknown_domain", $"The domain of {owner} or {contact} is not served here", details),
        RosterResult.UserNotExist => new("user_not_exist", contact is null ? $"There is no account {owner}" : $"There is no account {owner} or {contact}", details),
        RosterResult.ContactNotFound => new("contact_not_found", $"{contact} is not in the roster of {owner}", details),
        _ => new("internal", $"The roster of {owner} is full, or name and groups are too long", details),
    };

    private static RosterContact Contact(Jid jid, string? name, IReadOnlyList<string>? groups) => new(jid.Bare, name ?? "", groups ?? []);

    // A ContactInput.
    private static RosterContact Contact(IDictionary<string, object?> fields) => Contact(
        (Jid)fields["jid"]!,
        (string?)fields["name"],
        fields.TryGetValue("groups", out var groups) ? (groups as System.Collections.IEnumerable)?.Cast<string>().ToList() : null);

    private static object Shown(RosterItem item) => new
    {
        Jid = item.Contact,
        item.Name,
        item.Groups,
        Subscription = (item.State & SubscriptionState.Both) switch
        {
            SubscriptionState.Both => "BOTH",
            SubscriptionState.From => "FROM",
            SubscriptionState.To => "TO",
            _ => "NONE",
        },
        Ask = (item.State & (SubscriptionState.PendingIn | SubscriptionState.PendingOut)) switch
        {
            SubscriptionState.PendingIn => "IN",
            SubscriptionState.PendingOut => "OUT",
            SubscriptionState.None => "NONE",
            _ => "BOTH",
        },
    };
}
