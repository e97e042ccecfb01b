using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Meerkat.Core.Accounts;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;

namespace Meerkat.Testing;

/// <summary>Accounts with passwords in memory: log-in without the cost of hashing, for tests that are about something else.</summary>
public sealed class TestAuthentication : IAuthentication
{
    private readonly ConcurrentDictionary<string, string> _passwords = new();

    /// <inheritdoc/>
    public ExternalMapping External => ExternalMapping.Default;

    /// <summary>Adds an account, unless it is there.</summary>
    public void Add(string jid, string password) => _passwords.TryAdd(jid, password);

    /// <inheritdoc/>
    public SaslOffer Offer(IChannelBinding? channelBinding, bool hasVerifiedCertificate) =>
        SaslOffer.For(SaslMechanisms.DefaultOrder, new SaslSupport { Plain = true }, channelBinding, hasVerifiedCertificate);

    /// <inheritdoc/>
    public LoginAttempt StartLogin(string domain, IReadOnlySet<string>? allowedMethods) => new Attempt(this, domain);

    /// <inheritdoc/>
    public ValueTask<bool> ExistsStoredAsync(BareJid account, CancellationToken ct) => new(_passwords.ContainsKey(account.ToString()));

    private sealed class Attempt(TestAuthentication accounts, string domain) : LoginAttempt
    {
        public override ValueTask<bool> CheckPasswordAsync(string username, string password, CancellationToken ct)
        {
            Method = "internal";
            return new(accounts._passwords.TryGetValue($"{username}@{domain}", out var known) && known == password);
        }

        public override ValueTask<ScramKeys?> FindScramAsync(string username, ScramHash hash, CancellationToken ct) => new((ScramKeys?)null);

        public override ValueTask<bool> AuthoriseCertificateAsync(string username, X509Certificate2 certificate, CancellationToken ct) => new(false);

        public override ValueTask<bool> AuthoriseAnonymousAsync(string username, CancellationToken ct) => new(false);
    }
}
