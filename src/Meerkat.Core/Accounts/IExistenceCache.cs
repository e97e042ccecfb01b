using Meerkat.Xmpp;

namespace Meerkat.Core.Accounts;

/// <summary>What an <see cref="AuthChain"/> remembers of stored accounts that exist (AUTH-155). Safe for concurrent use.</summary>
public interface IExistenceCache
{
    /// <summary>Changes whenever something is forgotten: an answer that the store gave before that is not remembered.</summary>
    long Version { get; }

    /// <summary>Whether the account is known to exist. False says nothing.</summary>
    bool Contains(BareJid account);

    /// <summary>Remembers an account that exists.</summary>
    /// <param name="account">The account.</param>
    /// <param name="version">The <see cref="Version"/> before the store was asked; when it has changed, nothing is remembered: the account may be the one that was removed.</param>
    void Add(BareJid account, long version);
}
