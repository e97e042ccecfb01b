using System.Globalization;
using System.Text;
using Meerkat.Core.Cluster;
using Meerkat.Xml;
using Meerkat.Xmpp;
using StackExchange.Redis;
using ClusterNode = Meerkat.Core.Cluster.ClusterNode;

namespace Meerkat.Storage.Redis.Cluster;

/// <summary>The authority for accounts' sessions in Redis: every step is a script, so that it is atomic for all nodes.</summary>
public sealed class RedisSessionRegistry : ISessionRegistry, IDisposable
{
    private const string AccountPrefix = "ca:";

    private readonly RedisPool _pool;

    /// <summary>Asks nothing yet.</summary>
    /// <param name="pool">The server.</param>
    public RedisSessionRegistry(RedisPool pool)
    {
        _pool = pool;
        pool.Returned += TellReturned;
    }

    /// <inheritdoc/>
    public event Action<bool>? Reset;

    /// <inheritdoc/>
    public async ValueTask<RegistryChange> BindAsync(SessionRecord session, bool again, CancellationToken ct)
    {
        var answer = await RunAsync(
            RegistryScripts.Bind,
            [KeyOf(session.Jid.Bare)],
            [FieldOf(session), Text(session.Order), Text(session.Revision), session.Node.ToString(), ValueOf(session), MemberOf(session), again ? "1" : "0"],
            ct);
        var replaced = (string)answer[0]!;
        return ChangeOf(session, answer[1], replaced.Length == 0 ? null : RecordOf(replaced));
    }

    /// <inheritdoc/>
    public async ValueTask<RegistryChange?> UpdateAsync(SessionRecord session, CancellationToken ct)
    {
        var answer = await RunAsync(
            RegistryScripts.Update, [KeyOf(session.Jid.Bare)], [FieldOf(session), Text(session.Order), Text(session.Revision), session.Node.ToString(), ValueOf(session)], ct);
        return answer.IsNull ? null : ChangeOf(session, answer, null);
    }

    /// <inheritdoc/>
    public async ValueTask<RegistryChange?> UnbindAsync(SessionRecord session, CancellationToken ct)
    {
        var answer = await RunAsync(RegistryScripts.Unbind, [KeyOf(session.Jid.Bare)], [FieldOf(session), Text(session.Order), session.Node.ToString(), MemberOf(session)], ct);
        return answer.IsNull ? null : ChangeOf(session, answer, null);
    }

    /// <inheritdoc/>
    public async ValueTask<AccountSessions> FindAsync(BareJid account, ClusterNode holder, CancellationToken ct) =>
        AccountOf(account, await RunAsync(RegistryScripts.Find, [KeyOf(account)], [holder.ToString()], ct)).Now;

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(IReadOnlyList<BareJid> accounts, ClusterNode holder, CancellationToken ct)
    {
        if (accounts.Count > 0)
        {
            await RunAsync(RegistryScripts.Release, [.. accounts.Select(KeyOf)], [holder.ToString()], ct);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<SessionRecord>> TakeLostAsync(ClusterNode node, int max, CancellationToken ct) =>
        [.. ((string[])(await RunAsync(RegistryScripts.TakeLost, [], [node.ToString(), max, AccountPrefix], ct))!).Select(RecordOf)];

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<ClusterNode>> NodesAsync(CancellationToken ct)
    {
        var nodes = new List<ClusterNode>();
        foreach (var name in await _pool.RunAsync(redis => redis.SetMembersAsync("cn"), ct))
        {
            if (ClusterNode.TryParse(name, out var node))
            {
                nodes.Add(node);
            }
        }

        nodes.Sort();
        return nodes;
    }

    /// <summary>Hears of the server no more.</summary>
    public void Dispose() => _pool.Returned -= TellReturned;

    private static RedisKey KeyOf(BareJid account) => AccountPrefix + account;

    private static string FieldOf(SessionRecord session) => "s:" + session.Jid.Resource;

    private static string MemberOf(SessionRecord session) => $"{session.Jid.Bare}\n{FieldOf(session)}";

    private static string ValueOf(SessionRecord session) => $"{Text(session.Order)}\n{Text(session.Revision)}\n{session.Node}\n{session.Encode()}";

    private static string Text(long number) => number.ToString("D19", CultureInfo.InvariantCulture);

    private static SessionRecord RecordOf(string value)
    {
        var at = 0;
        for (var lines = 0; lines < 3; lines++)
        {
            at = value.IndexOf('\n', at) + 1;
        }

        return SessionRecord.Decode(XmlElement.Parse(Encoding.UTF8.GetBytes(value[at..]), "", XmlLimits.Unlimited));
    }

    private static RegistryChange ChangeOf(SessionRecord session, RedisResult fields, SessionRecord? replaced)
    {
        var (now, holders) = AccountOf(session.Jid.Bare, fields);
        return new RegistryChange(now, replaced, [.. holders.Where(holder => holder != session.Node)]);
    }

    private static (AccountSessions Now, List<ClusterNode> Holders) AccountOf(BareJid account, RedisResult fields)
    {
        var version = 0L;
        var sessions = new List<SessionRecord>();
        var holders = new List<ClusterNode>();
        var all = (string[])fields!;
        for (var i = 0; i + 1 < all.Length; i += 2)
        {
            if (all[i] == "v")
            {
                version = long.Parse(all[i + 1], CultureInfo.InvariantCulture);
            }
            else if (all[i].StartsWith("s:", StringComparison.Ordinal))
            {
                sessions.Add(RecordOf(all[i + 1]));
            }
            else if (ClusterNode.TryParse(all[i][2..], out var holder))
            {
                holders.Add(holder);
            }
        }

        sessions.Sort((one, other) => one.Order.CompareTo(other.Order));
        return (new AccountSessions(account, version, sessions), holders);
    }

    // It may have come back empty.
    private void TellReturned() => Reset?.Invoke(true);

    private async ValueTask<RedisResult> RunAsync(string script, RedisKey[] keys, RedisValue[] values, CancellationToken ct) =>
        await _pool.RunAsync(redis => redis.ScriptEvaluateAsync(script, keys, values), ct);
}
