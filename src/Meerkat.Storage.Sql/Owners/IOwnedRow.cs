namespace Meerkat.Storage.Sql.Owners;

/// <summary>A row of a table with an <c>owner_id</c> column: <c>[Column("owner_id")]</c>, a foreign key that deletes with its owner.</summary>
public interface IOwnedRow
{
    /// <summary>Whose row it is: <c>owner.id</c>.</summary>
    long OwnerId { get; }
}
