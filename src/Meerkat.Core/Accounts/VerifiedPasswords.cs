using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Meerkat.Xmpp;

namespace Meerkat.Core.Accounts;

/// <summary>Passwords that were found right a moment ago: HTTP sends them with every request, and checking one costs milliseconds on purpose.</summary>
/// <remarks>
/// What is kept is a hash with a key of this process, for <see cref="Lifetime"/> at most: a change by another process, or on another node, is noticed then. A change here is noticed at once. Safe for concurrent use.
/// </remarks>
/// <param name="time">The clock.</param>
public sealed class VerifiedPasswords(TimeProvider time)
{
    /// <summary>How many accounts are remembered; beyond that all are forgotten.</summary>
    public const int MaxAccounts = 10_000;

    /// <summary>How long a password is remembered.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<BareJid, (byte[] Hash, long Since)> _verified = new();
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private long _version;

    /// <summary>Changes with every password that changes: what was found right before is not remembered after.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Whether this password was found right a moment ago.</summary>
    public bool Contains(BareJid account, string password) =>
        _verified.TryGetValue(account, out var known)
        && time.GetElapsedTime(known.Since) < Lifetime
        && CryptographicOperations.FixedTimeEquals(known.Hash, Hash(account, password));

    /// <summary>The password was found right.</summary>
    /// <param name="account">The account.</param>
    /// <param name="password">The password.</param>
    /// <param name="version">The <see cref="Version"/> before the store was asked.</param>
    public void Add(BareJid account, string password, long version)
    {
        if (_verified.Count >= MaxAccounts)
        {
            _verified.Clear();
        }

        _verified[account] = (Hash(account, password), time.GetTimestamp());
        if (Version != version)
        {
            _verified.TryRemove(account, out _); // it may be the old one
        }
    }

    /// <summary>The account has another password, or is gone.</summary>
    public void Drop(BareJid account)
    {
        Interlocked.Increment(ref _version);
        _verified.TryRemove(account, out _);
    }

    /// <summary>A domain is gone with its accounts.</summary>
    public void DropAll()
    {
        Interlocked.Increment(ref _version);
        _verified.Clear();
    }

    private byte[] Hash(BareJid account, string password) => HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{account}\0{password}"));
}
