using Meerkat.Admin.GraphQL;
using Meerkat.Core.Hosts;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Categories;

/// <summary><c>stat</c> (GQA-STAT-01 and 02). What nobody selects is not counted.</summary>
internal sealed class StatCategory(ServerContext server) : ICategory
{
    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        const string Query = "StatAdminQuery";
        admin.Add(Query, "globalStats", call => new Figures(null));
        admin.Add(Query, "domainStats", call => new Figures(call.Text("domain")));

        const string Global = "GlobalStats";
        admin.Value<Figures>(Global, "uptimeSeconds", _ => new((object?)(int)(server.Time.GetUtcNow() - server.Started).TotalSeconds));
        admin.Value<Figures>(Global, "registeredUsers", _ => CountAccountsAsync(null));
        admin.Value<Figures>(Global, "onlineUsersNode", _ => new((object?)CountOnline(null)));
        admin.Value<Figures>(Global, "onlineUsers", _ => CountOnlineAsync(null));
        admin.Value<Figures>(Global, "incomingS2S", _ => new((object?)0));
        admin.Value<Figures>(Global, "outgoingS2S", _ => new((object?)0));
        admin.Value<Figures>("DomainStats", "registeredUsers", figures => CountAccountsAsync(figures.Domain));
        admin.Value<Figures>("DomainStats", "onlineUsers", figures => CountOnlineAsync(figures.Domain));
    }

    private async ValueTask<object?> CountAccountsAsync(string? domain)
    {
        var count = 0L;
        foreach (var served in server.Domains.All.Where(served => served.Service is null && (domain is null || served.Jid.Domain == domain)))
        {
            count += await served.Host.Auth.CountAsync(served.Jid.Domain, CancellationToken.None);
        }

        return count.ToInt();
    }

    private int CountOnline(string? domain) => Online(domain).Distinct().Count();

    private async ValueTask<object?> CountOnlineAsync(string? domain)
    {
        var elsewhere = domain is null || BareJid.TryCreate(null, domain, out _)
            ? await server.Sessions.ListElsewhereAsync(domain is null ? null : BareJid.Parse(domain), CancellationToken.None)
            : [];
        return Online(domain).Concat(elsewhere.Select(report => report.Details.User.Bare)).Distinct().Count();
    }

    private IEnumerable<BareJid> Online(string? domain) => server.Sessions.Local.Where(session => domain is null || session.Jid.Domain == domain).Select(session => session.Jid.Bare);

    private sealed record Figures(string? Domain);
}
