using Meerkat.Core.Storage;

namespace Meerkat.Core.Accounts;

/// <summary>An account as personal data: its name and its age; the password is nobody's to read.</summary>
public static class AccountExport
{
    /// <summary>The section <c>account</c>.</summary>
    public static PersonalDataSection Section(Account account) =>
        new("account", ["jid", "created_at"], [[account.Jid.ToString(), account.CreatedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'")]]);
}
