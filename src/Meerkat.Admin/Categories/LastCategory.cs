using Meerkat.Admin.GraphQL;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Modules.LastActivity;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Categories;

/// <summary><c>last</c> (GQA-LAST-01 to 05).</summary>
internal sealed class LastCategory(ServerContext server) : ICategory
{
    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        const string Query = "LastAdminQuery";
        admin.Add(Query, "getLast", call => FindAsync(call.Jid("user"), call));
        admin.Add(Query, "countActiveUsers", CountAsync);
        admin.Add(Query, "listOldUsers", call => OldAsync(call, (last, domain, moment) => last.ListOldAsync(domain, moment, call.Ct)));

        const string Mutation = "LastAdminMutation";
        admin.Add(Mutation, "setLast", call => SetAsync(call.Jid("user"), call));
        user.Add("LastUserQuery", "getLast", call => FindAsync(call.Find<Jid>("user") ?? call.Self, call));
        user.Add("LastUserMutation", "setLast", call => SetAsync(call.Self, call));
        admin.Add(Mutation, "removeOldUsers", call => OldAsync(call, (last, domain, moment) => last.RemoveOldAsync(domain, moment, call.Ct)));
    }

    private async ValueTask<object> FindAsync(Jid user, OperationCall call)
    {
        if (server.Domains.For(user.Domain) is not { } chain || await chain.StoredExistsAsync(user.Bare, call.Ct) is not Existence.Yes)
        {
            throw NoUser(user);
        }

        return await In(user.Domain).FindAsync(user.Bare, call.Ct) is { } seen ? Shown(user, seen) : throw new OperationException("last_not_found", $"{user.Bare} has not been seen to leave", ("user", user));
    }

    private async ValueTask<object> SetAsync(Jid user, OperationCall call) => server.Domains.For(user.Domain) is null
        ? throw NoUser(user)
        : Shown(user, (await In(user.Domain).SetAsync(user.Bare, call.FindValue<DateTimeOffset>("timestamp"), call.Text("status"), call.Ct)).OrRefuse(NoUser(user)));

    private async ValueTask<int> CountAsync(OperationCall call)
    {
        var domain = call.Text("domain");
        var count = await In(domain).CountActiveAsync(domain, call.FindValue<DateTimeOffset>("timestamp") ?? server.Time.GetUtcNow(), call.Ct);
        return count.OrRefuse(Refusals.DomainNotFound(domain)).ToInt();
    }

    private async ValueTask<IEnumerable<object>> OldAsync(OperationCall call, Func<LastActivityOperations, string, DateTimeOffset, ValueTask<IReadOnlyList<OldAccount>?>> ask)
    {
        var moment = call.Get<DateTimeOffset>("timestamp");
        if (call.Find<string>("domain") is { } domain)
        {
            return Shown((await ask(In(domain), domain, moment)).OrRefuse(Refusals.DomainNotFound(domain)));
        }

        var all = new List<OldAccount>();
        foreach (var served in server.Domains.All.Where(served => served.Service is null).OrderBy(served => served.Jid.Domain, StringComparer.Ordinal))
        {
            if (served.Host.Operations<LastActivityOperations>() is { } last)
            {
                all.AddRange(await ask(last, served.Jid.Domain, moment) ?? []);
            }
        }

        return Shown(all);
    }

    // A user may ask for somebody of another host type, of which nobody has checked what it has.
    private LastActivityOperations In(string domain) =>
        server.Domains.TryFindAccounts(domain, out var found) ? found.Host.Operations<LastActivityOperations>() ?? throw OperationException.NotLoaded("mod_last") : throw Refusals.DomainNotFound(domain);

    private static OperationException NoUser(Jid user) => new("user_does_not_exist", $"There is no account {user.Bare}", ("user", user));

    private static object Shown(Jid user, LastSeen seen) => new { User = user, Timestamp = seen.Moment, seen.Status };

    private static IEnumerable<object> Shown(IEnumerable<OldAccount> old) => old.Select(entry => new { Jid = entry.Account, Timestamp = entry.LastSeen });
}
