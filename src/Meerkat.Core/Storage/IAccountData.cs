using Meerkat.Xmpp;

namespace Meerkat.Core.Storage;

/// <summary>What every store that keeps something for accounts owes them: to forget an account, to forget a domain, and to say what it keeps.</summary>
/// <remarks>
/// Safe for concurrent use. A feature's store contract extends this one; the module gives its store to <c>OwnsData</c> and the host calls it when an account or a domain
/// is removed (AUTH-017, AUTH-019) and when somebody asks for the personal data of an account.
/// </remarks>
public interface IAccountData
{
    /// <summary>Removes all that is kept for one account, or all that fails. Nothing kept: nothing happens.</summary>
    /// <param name="account">The account; data that others keep about it (their roster entries, say) stays.</param>
    /// <param name="ct">Gives up before the removal begins; once begun it runs to its end.</param>
    ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct);

    /// <summary>Removes all that is kept for the accounts of a domain, and for the domain itself.</summary>
    /// <param name="domain">The domain, prepared (nameprep).</param>
    /// <param name="ct">Gives up before the removal begins; once begun it runs to its end.</param>
    ValueTask RemoveDomainAsync(string domain, CancellationToken ct);

    /// <summary>Tells all that is kept for one account, for a person who asks for it (GDPR, article 15).</summary>
    /// <returns>Tables, each with its heading. Of the same name: one continues the other, so that a long archive need not be in memory at once. Nothing kept: none.</returns>
    IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, CancellationToken ct);
}
