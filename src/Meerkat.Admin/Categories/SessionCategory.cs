using Meerkat.Admin.GraphQL;
using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Categories;

/// <summary><c>session</c> (GQA-SESSION-01 to 10).</summary>
internal sealed class SessionCategory(ServerContext server, IServerControl control) : ICategory
{
    private readonly SessionOperations _sessions = new(server);

    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        const string Query = "SessionAdminQuery";
        admin.Add(Query, "listSessions", async call => (await _sessions.ListAsync(call.Find<string>("domain"), call.Ct)).OrRefuse(NoDomain(call)).Select(Shown));
        admin.Add(Query, "countSessions", async call => (await _sessions.CountAsync(call.Find<string>("domain"), call.Ct)).OrRefuse(NoDomain(call)));
        admin.Add(Query, "listUserSessions", async call => (await OfAsync(call, "user")).Select(Shown));
        admin.Add(Query, "countUserResources", async call => (await OfAsync(call, "jid")).Count);
        admin.Add(Query, "getUserResource", async call =>
        {
            var (result, resource) = await _sessions.FindResourceAsync(call.Jid("user").Bare, call.Get<int>("number"), call.Ct);
            return resource ?? throw Refusal(result, call.Jid("user"), ("user", call.Jid("user")), ("number", call.Get<int>("number")));
        });
        admin.Add(Query, "listUsersWithStatus", async call => (await WithStatusAsync(call)).Select(status => new { status.User, Priority = status.Priority ?? 0, status.Text }));
        admin.Add(Query, "countUsersWithStatus", async call => (await WithStatusAsync(call)).Count);

        // GQU-SESSION-01 to 03
        const string Own = "SessionUserQuery";
        user.Add(Own, "listResources", async call => (await OwnAsync(call)).Select(session => session.User.Resource));
        user.Add(Own, "countResources", async call => (await OwnAsync(call)).Count);
        user.Add(Own, "listSessions", async call => (await OwnAsync(call)).Select(Shown));

        const string Mutation = "SessionAdminMutation";
        admin.Add(Mutation, "kickUserSession", async call =>
        {
            var (jid, reason) = (call.Get<FullJid>("user"), call.Find<string>("reason"));
            var result = await _sessions.KickAsync(jid, reason, call.Ct);
            return result is SessionResult.Ok ? Shown(new KickedSession(jid, result)) : throw Refusal(result, jid, ("jid", jid), ("reason", reason));
        });
        admin.Add(Mutation, "kickUser", async call =>
        {
            var (account, reason) = (call.Get<BareJid>("user"), call.Find<string>("reason"));
            return (await _sessions.KickAsync(account, reason, call.Ct)).OrRefuse(Refusal(SessionResult.UserNotFound, account, ("jid", account), ("reason", reason))).Select(Shown);
        });
        admin.Add(Mutation, "setPresence", async call =>
        {
            var jid = call.Jid("user");
            var show = call.Find<string>("show") is { } shown and not "ONLINE" ? shown.ToLowerInvariant() : null;
            var type = Enum.Parse<PresenceType>(call.Text("type"), ignoreCase: true);
            var result = await _sessions.SetPresenceAsync(jid, type, show, call.Find<string>("status"), call.FindValue<int>("priority"), call.Ct);
            return result is SessionResult.Ok ? new { Jid = jid, Message = $"{jid} has sent the presence" } : throw Refusal(result, jid, ("jid", jid));
        });
    }

    private async ValueTask<IReadOnlyList<SessionStatus>> WithStatusAsync(OperationCall call) =>
        (await _sessions.ListWithStatusAsync(call.Find<string>("domain"), call.Text("status"), call.Ct)).OrRefuse(NoDomain(call, ("status", call.Text("status"))));

    private async ValueTask<IReadOnlyList<SessionDetails>> OfAsync(OperationCall call, string key) =>
        (await _sessions.ListAsync(call.Jid("user").Bare, call.Ct)).OrRefuse(Refusal(SessionResult.UserNotFound, call.Jid("user"), (key, call.Jid("user"))));

    private async ValueTask<IReadOnlyList<SessionDetails>> OwnAsync(OperationCall call) => await _sessions.ListAsync(call.Self, call.Ct) ?? [];

    private static OperationException NoDomain(OperationCall call, params (string, object?)[] more)
    {
        var domain = call.Find<string>("domain");
        return new OperationException("domain_not_found", $"{domain} is not served here", [("domain", domain), .. more]);
    }

    private static OperationException Refusal(SessionResult result, Jid user, params (string, object?)[] details) => result switch
    {
        SessionResult.NoSession => new("no_session", $"There is no session {user}", details),
        SessionResult.WrongResNumber => new("wrong_res_number", $"{user.Bare} has not so many sessions", details),
        SessionResult.EmptyResource => new("empty_resource", "A session's address has a resource", details),
        _ => new("user_not_found", $"There is no account {user.Bare}", details),
    };

    private static object Shown(KickedSession session)
    {
        var isDone = session.Result is SessionResult.Ok;
        return new { Jid = session.User, Kicked = isDone, Code = isDone ? null : "no_session", Message = isDone ? $"The session {session.User} is ended" : $"There is no session {session.User}" };
    }

    private object Shown(SessionDetails session) => new
    {
        session.User,
        session.Connection,
        session.Ip,
        session.Port,
        Priority = session.Priority ?? 0,
        Node = control.NodeName,
        Uptime = (int)session.Uptime.TotalSeconds,
    };
}
