using LinqToDB.Mapping;
using Meerkat.Core.Accounts;
using Meerkat.Storage.Sql.Owners;

namespace Meerkat.Storage.Sql.Accounts;

/// <summary>An account. <c>password</c> and <c>pass_details</c> hold what the reference's columns of these names hold (AUTH-049, AUTH-050).</summary>
[Table("account")]
internal sealed class AccountRow : IOwnedRow
{
    [Column("owner_id"), PrimaryKey]
    public long OwnerId { get; init; }

    /// <summary>Empty where there are SCRAM keys.</summary>
    [Column("password"), NotNull]
    public string Password { get; init; } = "";

    /// <summary>Serialised SCRAM keys, or null.</summary>
    [Column("pass_details"), Nullable]
    public string? PassDetails { get; init; }

    /// <summary>Milliseconds since 1970, UTC.</summary>
    [Column("created_at"), NotNull]
    public long CreatedAt { get; init; }

    public static (string Password, string? PassDetails) From(AccountPassword password) => (password.Plain ?? "", password.Scram?.Serialise());
}
