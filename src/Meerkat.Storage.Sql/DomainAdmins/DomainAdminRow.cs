using LinqToDB.Mapping;
using Meerkat.Storage.Sql.Owners;

namespace Meerkat.Storage.Sql.DomainAdmins;

/// <summary>The administrator of a domain. <c>pass_details</c> is as in the reference's table <c>domain_admins</c>.</summary>
[Table("domain_admin")]
internal sealed class DomainAdminRow : IOwnedRow
{
    [Column("owner_id"), PrimaryKey]
    public long OwnerId { get; init; }

    /// <summary>Serialised SCRAM keys.</summary>
    [Column("pass_details"), NotNull]
    public string PassDetails { get; init; } = "";
}
