using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Meerkat.Xmpp.Sasl;

namespace Meerkat.Core.Accounts;

/// <summary>What is kept of an account's password: SCRAM keys, or the password itself where <c>password.format</c> says so (AUTH-032, AUTH-036).</summary>
/// <remarks>Immutable. Never log one.</remarks>
public sealed class AccountPassword
{
    private AccountPassword(string? plain, ScramCredentials? scram)
    {
        Plain = plain;
        Scram = scram;
    }

    /// <summary>The password; null where only keys are kept.</summary>
    public string? Plain { get; }

    /// <summary>The keys; null where the password itself is kept.</summary>
    public ScramCredentials? Scram { get; }

    /// <summary>Keeps the password itself.</summary>
    public static AccountPassword FromPlain(string password) => new(password, null);

    /// <summary>Keeps keys.</summary>
    public static AccountPassword FromScram(ScramCredentials credentials) => new(null, credentials);

    /// <summary>Reads what a store kept: a serialised SCRAM text wins over a plain password (AUTH-050).</summary>
    /// <param name="plain">The password; empty where there are keys.</param>
    /// <param name="details">The serialised keys (AUTH-039), or null.</param>
    /// <returns>Null when <paramref name="details"/> is corrupted: the account then has no password (AUTH-041).</returns>
    public static AccountPassword? FromStored(string plain, string? details) =>
        details is null ? FromPlain(plain)
        : ScramCredentials.TryParse(details, out var scram) ? FromScram(scram)
        : null;

    /// <summary>Makes what is to be kept of a new password. With the format <c>scram</c> this takes milliseconds of CPU time per hash, on purpose: see <see cref="PasswordWork"/>.</summary>
    /// <returns>False when the password holds what resourceprep prohibits (AUTH-033).</returns>
    public static bool TryCreate(string password, PasswordOptions options, [NotNullWhen(true)] out AccountPassword? made)
    {
        made = options.Format is PasswordFormat.Plain ? FromPlain(password)
            : ScramCredentials.TryCreate(password, options.ScramHashes(), options.ScramIterations, out var scram) ? FromScram(scram)
            : null;
        return made is not null;
    }

    /// <summary>Checks a password (AUTH-035). With keys this takes milliseconds of CPU time.</summary>
    public bool Verify(string password) =>
        Scram is not null
            ? Scram.VerifyPassword(password)
            : CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Plain!), Encoding.UTF8.GetBytes(password));

    /// <summary>The keys for one hash; null when they were not kept (AUTH-037). From a plain password they are computed, with <paramref name="salt"/>.</summary>
    internal ScramKeys? Keys(ScramHash hash, int iterations, Func<ReadOnlyMemory<byte>> salt) =>
        Scram is not null ? Scram.For(hash) : ScramKeys.Derive(hash, Plain!, salt().Span, iterations);
}
