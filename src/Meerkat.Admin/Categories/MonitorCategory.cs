using System.Runtime.CompilerServices;
using Meerkat.Admin.GraphQL;
using Meerkat.Admin.Monitoring;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Modules.Muc;
using Meerkat.Modules.MucLight;
using Microsoft.Extensions.Logging;

namespace Meerkat.Admin.Categories;

/// <summary><c>monitor</c>: what the administrators' page needs beyond the reference. Ours.</summary>
internal sealed class MonitorCategory(ServerContext server, IServerControl control, FiguresSampler sampler) : ICategory
{
    /// <summary>The most accounts on one page.</summary>
    private const int MaxPage = 500;

    private readonly MucLightOperations _lightRooms = new(server);
    private readonly AccountOperations _accounts = new(server.Domains, server.Time);

    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        const string Query = "MonitorAdminQuery";
        admin.Add(Query, "figures", call => sampler.Last(call.Get<int>("last")));
        admin.Add(Query, "configuration", call => new
        {
            Source = control.ConfigurationSource,
            Sections = control.Configuration.Select(section => new { section.Name, Entries = section.Entries.Select(entry => new { entry.Key, entry.Value, entry.IsSecret, entry.IsDefault }) }),
        });
        admin.Add(Query, "log", call => control.Log.Read(call.Get<int>("limit"), Least(call)).Select(Shown));
        admin.Add(Query, "searchUsers", SearchAsync);
        admin.Add(Query, "listDevices", DevicesAsync);
        admin.Add(Query, "listServices", call => Services(call).ToList());

        const string Subscription = "MonitorAdminSubscription";
        admin.Subscribe(Subscription, "subscribeForFigures", call => new ValueTask<IAsyncEnumerable<object>>(sampler.ReadAsync(call.Ct)));
        admin.Subscribe(Subscription, "subscribeForLog", call => new ValueTask<IAsyncEnumerable<object>>(FollowAsync(Least(call))));
    }

    private async IAsyncEnumerable<object> FollowAsync(LogLevel least, [EnumeratorCancellation] CancellationToken ct = default)
    {
        await foreach (var entry in control.Log.FollowAsync(least, ct))
        {
            yield return Shown(entry);
        }
    }

    private async ValueTask<object> SearchAsync(OperationCall call)
    {
        var (domain, limit) = (call.Text("domain"), Math.Min(call.Get<int>("limit"), MaxPage));
        var listing = new AccountListing { Prefix = (call.Find<string>("prefix") ?? "").Trim().ToLowerInvariant(), Limit = limit + 1, Offset = call.Get<int>("index") };
        var found = (await _accounts.ListAsync(domain, listing, call.Ct)).OrRefuse(Refusals.DomainNotFound(domain));
        var users = new List<object>();
        foreach (var account in found.Take(limit))
        {
            users.Add(new { Jid = account, Sessions = (await server.Sessions.FindAsync(account, call.Ct)).Count });
        }

        return new { Users = users, HasMore = found.Count > limit, Total = ((await _accounts.CountAsync(domain, call.Ct)) ?? 0).ToInt() };
    }

    private async ValueTask<IEnumerable<object>> DevicesAsync(OperationCall call)
    {
        var account = call.Jid("user").Bare;
        if (!server.Domains.TryFindAccounts(account.Domain, out var domain) || await domain.Host.Auth.StoredExistsAsync(account, call.Ct) is not Existence.Yes)
        {
            throw new OperationException("user_not_found", $"There is no account {account}", ("user", account));
        }

        return (await server.Sessions.FindAsync(account, call.Ct)).OfType<Session>().OrderBy(session => session.Order).Select(Shown);
    }

    private IEnumerable<object> Services(OperationCall call)
    {
        var name = call.Text("domain");
        if (!server.Domains.TryFindAccounts(name, out var domain))
        {
            throw Refusals.DomainNotFound(name);
        }

        // A service without a parent is that of the whole host type.
        return server.Domains.All
            .Where(served => served.Service is not null && served.Host == domain.Host && (served.Parent is null || served.Parent.Equals(domain.Jid)))
            .OrderBy(served => served.Jid.Domain, StringComparer.Ordinal)
            .Select(served => new
            {
                served.Jid.Domain,
                served.Service!.Name,
                Kind = served.Host.Operations<MucOperations>()?.Serves(served.Jid.Domain) is true ? "MUC" : served.Jid.Equals(_lightRooms.ServiceOf(name)) ? "MUC_LIGHT" : "OTHER",
            });
    }

    private object Shown(Session session) => new
    {
        session.Jid,
        Transport = session.IsDetached ? null : session.Info.Transport,
        session.Info.IsEncrypted,
        Ip = session.IsDetached ? null : session.Info.Remote?.Address.ToString(),
        session.Info.Mechanism,
        Since = session.Opened,
        Idle = (int)server.Time.GetElapsedTime(session.LastReceived).TotalSeconds,
        Show = SessionOperations.Show(session),
        Status = session.Presence?.Status,
        session.Priority,
        IsResumable = session.ResumptionId is not null,
        session.Output.Unacknowledged,
        session.Output.Queued,
    };

    private static object Shown(LogEntry entry) => new
    {
        Id = (int)Math.Min(entry.Id, int.MaxValue),
        entry.Time,
        Level = entry.Level switch
        {
            LogLevel.Critical => "CRITICAL",
            LogLevel.Error => "ERROR",
            LogLevel.Warning => "WARNING",
            LogLevel.Information => "INFO",
            LogLevel.Debug => "DEBUG",
            _ => "ALL",
        },
        entry.Category,
        entry.Message,
        entry.Exception,
    };

    private static LogLevel Least(OperationCall call) => call.Find<string>("level") switch
    {
        "NONE" => LogLevel.None,
        "EMERGENCY" or "ALERT" or "CRITICAL" => LogLevel.Critical,
        "ERROR" => LogLevel.Error,
        "WARNING" => LogLevel.Warning,
        "NOTICE" or "INFO" => LogLevel.Information,
        "DEBUG" => LogLevel.Debug,
        _ => LogLevel.Trace,
    };
}
