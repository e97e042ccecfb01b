using LinqToDB.Mapping;

namespace Meerkat.Storage.Sql.Owners;

/// <summary>Somebody for whom something is kept: an account, or a domain with an empty localpart. Others' rows point here.</summary>
[Table("owner")]
internal sealed class OwnerRow
{
    /// <summary>Never given to somebody else, also after a removal.</summary>
    [Column("id"), PrimaryKey, Identity]
    public long Id { get; init; }

    [Column("domain"), NotNull]
    public string Domain { get; init; } = "";

    [Column("localpart"), NotNull]
    public string Localpart { get; init; } = "";
}
