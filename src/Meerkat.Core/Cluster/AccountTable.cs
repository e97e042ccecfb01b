using Meerkat.Xmpp;

namespace Meerkat.Core.Cluster;

/// <summary>Accounts with their sessions, versions and holders of copies: what an authority keeps, in memory. Safe for concurrent use.</summary>
/// <param name="last">Versions begin behind it. They are the table's, not each account's own, so that they rise though an account is forgotten in between.</param>
internal sealed class AccountTable(long last)
{
    private long _last = last;

    private readonly Lock _gate = new();
    private readonly Dictionary<BareJid, Account> _accounts = [];

    public RegistryChange Bind(SessionRecord session, bool again)
    {
        lock (_gate)
        {
            var account = Of(session.Jid.Bare);
            account.Holders.Add(session.Node);
            var at = account.Sessions.FindIndex(known => known.Jid.Resource == session.Jid.Resource);
            var known = at < 0 ? null : account.Sessions[at];
            if (known is not null && (known.IsSame(session) ? known.Revision >= session.Revision : again && known.Order > session.Order))
            {
                return ChangeOf(session.Jid.Bare, account, null, session.Node);
            }

            if (known is not null && known.IsSame(session))
            {
                account.Sessions[at] = session;
                known = null;
            }
            else
            {
                if (known is not null)
                {
                    account.Sessions.RemoveAt(at);
                }

                Insert(account.Sessions, session);
            }

            Changed(account);
            return ChangeOf(session.Jid.Bare, account, known, session.Node);
        }
    }

    public RegistryChange? Update(SessionRecord session)
    {
        lock (_gate)
        {
            if (!_accounts.TryGetValue(session.Jid.Bare, out var account) || account.Sessions.FindIndex(session.IsSame) is var at && at < 0)
            {
                return null;
            }

            if (account.Sessions[at].Revision < session.Revision)
            {
                account.Sessions[at] = session;
                Changed(account);
            }

            return ChangeOf(session.Jid.Bare, account, null, session.Node);
        }
    }

    public RegistryChange? Unbind(SessionRecord session)
    {
        lock (_gate)
        {
            if (!_accounts.TryGetValue(session.Jid.Bare, out var account))
            {
                return null;
            }

            if (account.Sessions.RemoveAll(session.IsSame) > 0)
            {
                Changed(account);
            }

            return ChangeOf(session.Jid.Bare, account, null, session.Node);
        }
    }

    public AccountSessions Find(BareJid jid, ClusterNode holder)
    {
        lock (_gate)
        {
            var account = Of(jid);
            account.Holders.Add(holder);
            return ChangeOf(jid, account, null, holder).Now;
        }
    }

    public void Release(IReadOnlyList<BareJid> accounts, ClusterNode holder)
    {
        lock (_gate)
        {
            foreach (var jid in accounts)
            {
                if (_accounts.TryGetValue(jid, out var account) && account.Holders.Remove(holder))
                {
                    Forget(jid, account);
                }
            }
        }
    }

    public IReadOnlyList<SessionRecord> TakeLost(ClusterNode node, int max)
    {
        var lost = new List<SessionRecord>();
        lock (_gate)
        {
            foreach (var (jid, account) in _accounts.ToArray())
            {
                if (lost.Count >= max)
                {
                    return lost;
                }

                var its = account.Sessions.FindAll(session => session.Node == node);
                if (its.Count > 0)
                {
                    lost.AddRange(its);
                    account.Sessions.RemoveAll(session => session.Node == node);
                    Changed(account);
                }

                account.Holders.Remove(node);
                Forget(jid, account);
            }
        }

        return lost;
    }

    public IReadOnlyList<ClusterNode> Nodes()
    {
        lock (_gate)
        {
            return [.. _accounts.Values.SelectMany(account => account.Sessions).Select(session => session.Node).Distinct().Order()];
        }
    }

    /// <summary>What another authority says of an account: taken when it is newer.</summary>
    public void Copy(AccountSessions copy)
    {
        lock (_gate)
        {
            if (!_accounts.TryGetValue(copy.Account, out var account))
            {
                _accounts[copy.Account] = account = new Account();
            }

            if (account.Version < copy.Version)
            {
                account.Version = copy.Version;
                account.Sessions.Clear();
                account.Sessions.AddRange(copy.Sessions);
            }

            Forget(copy.Account, account);
        }
    }

    /// <summary>All accounts, in no order.</summary>
    public IReadOnlyList<AccountSessions> All()
    {
        lock (_gate)
        {
            return [.. _accounts.Select(pair => new AccountSessions(pair.Key, pair.Value.Version, [.. pair.Value.Sessions]))];
        }
    }

    private static RegistryChange ChangeOf(BareJid jid, Account account, SessionRecord? replaced, ClusterNode changing) =>
        new(new AccountSessions(jid, account.Version, [.. account.Sessions]), replaced, [.. account.Holders.Where(holder => holder != changing)]);

    private static void Insert(List<SessionRecord> sessions, SessionRecord session)
    {
        var at = sessions.Count;
        while (at > 0 && sessions[at - 1].Order > session.Order)
        {
            at--;
        }

        sessions.Insert(at, session);
    }

    private Account Of(BareJid jid)
    {
        if (!_accounts.TryGetValue(jid, out var account))
        {
            _accounts[jid] = account = new Account { Version = ++_last };
        }

        return account;
    }

    private void Changed(Account account) => account.Version = ++_last;

    private void Forget(BareJid jid, Account account)
    {
        if (account.Sessions.Count == 0 && account.Holders.Count == 0)
        {
            _accounts.Remove(jid);
        }
    }

    private sealed class Account
    {
        public long Version { get; set; }

        public List<SessionRecord> Sessions { get; } = [];

        public HashSet<ClusterNode> Holders { get; } = [];
    }
}
