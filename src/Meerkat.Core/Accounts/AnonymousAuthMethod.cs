using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;

namespace Meerkat.Core.Accounts;

/// <summary>Accounts that last as long as their sessions (AUTH-056 to AUTH-063).</summary>
/// <remarks>That no stored account has the name is for <see cref="AuthChain"/> to ask, which knows the other methods.</remarks>
public sealed class AnonymousAuthMethod(AnonymousAuthOptions options) : IAuthMethod
{
    private readonly Dictionary<BareJid, int> _sessions = [];

    /// <inheritdoc/>
    public AuthMethod Method => AuthMethod.Anonymous;

    /// <inheritdoc/>
    public bool IsStored => false;

    /// <inheritdoc/>
    public SaslSupport Support { get; } = new()
    {
        Anonymous = options.Protocol is AnonymousProtocol.SaslAnon or AnonymousProtocol.Both,
        Plain = LoginAllowed(options),
        ScramHashes = LoginAllowed(options) ? ScramCredentials.AllHashes : [],
    };

    /// <inheritdoc/>
    public ValueTask<bool> ExistsAsync(BareJid account, CancellationToken ct) => new(IsConnected(account));

    /// <summary>With SCRAM the password is the empty text (AUTH-060), if the name is free.</summary>
    public ValueTask<AccountPassword?> FindPasswordAsync(BareJid account, CancellationToken ct) =>
        new(MayLogIn(account) ? AccountPassword.FromPlain("") : null);

    /// <summary>Any password will do, if the name is free (AUTH-059).</summary>
    public ValueTask<bool> CheckPasswordAsync(BareJid account, string password, CancellationToken ct) => new(MayLogIn(account));

    /// <summary>Accepted for those who are connected, without effect (AUTH-062).</summary>
    public ValueTask<AccountResult> SetPasswordAsync(BareJid account, AccountPassword password, CancellationToken ct) =>
        new(IsConnected(account) ? AccountResult.Ok : AccountResult.NotAllowed);

    /// <summary>Those who are connected (AUTH-062).</summary>
    public ValueTask<IReadOnlyList<BareJid>> ListAsync(string domain, AccountListing listing, CancellationToken ct)
    {
        lock (_sessions)
        {
            var found = _sessions.Keys
                .Where(a => a.Domain == domain && a.Local!.StartsWith(listing.Prefix, StringComparison.Ordinal))
                .OrderBy(a => a.Local, StringComparer.Ordinal)
                .Skip(listing.Offset);
            return new([.. listing.Limit is { } limit ? found.Take(limit) : found]);
        }
    }

    /// <summary>How many are connected.</summary>
    public ValueTask<long> CountAsync(string domain, CancellationToken ct)
    {
        lock (_sessions)
        {
            return new(_sessions.Keys.LongCount(a => a.Domain == domain));
        }
    }

    /// <summary>Whether SASL ANONYMOUS may give the name away: nobody has it.</summary>
    internal bool IsConnected(BareJid account)
    {
        lock (_sessions)
        {
            return _sessions.ContainsKey(account);
        }
    }

    /// <summary>Counts a session.</summary>
    /// <param name="account">Its account.</param>
    /// <param name="isFirst">Whether it is the account's first session.</param>
    /// <returns>False when the account has one and may not have more.</returns>
    internal bool TryOpen(BareJid account, out bool isFirst)
    {
        lock (_sessions)
        {
            var open = _sessions.GetValueOrDefault(account);
            isFirst = open == 0;
            if (!isFirst && !options.AllowMultipleConnections)
            {
                return false;
            }

            _sessions[account] = open + 1;
            return true;
        }
    }

    /// <returns>Whether it was the account's last session.</returns>
    internal bool Closed(BareJid account)
    {
        lock (_sessions)
        {
            if (!_sessions.TryGetValue(account, out var open))
            {
                return false;
            }

            if (open == 1)
            {
                return _sessions.Remove(account);
            }

            _sessions[account] = open - 1;
            return false;
        }
    }

    private static bool LoginAllowed(AnonymousAuthOptions options) => options.Protocol is AnonymousProtocol.LoginAnon or AnonymousProtocol.Both;

    private bool MayLogIn(BareJid account) => LoginAllowed(options) && (options.AllowMultipleConnections || !IsConnected(account));
}
