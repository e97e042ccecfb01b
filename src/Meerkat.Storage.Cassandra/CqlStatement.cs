namespace Meerkat.Storage.Cassandra;

/// <summary>A text of CQL with a question mark for each value, and the values.</summary>
/// <param name="Text">The text.</param>
/// <param name="Values">One for each question mark: <see cref="string"/>, <see cref="long"/>, <see cref="int"/>, <see cref="bool"/>, <see cref="Guid"/>, <see cref="double"/>, bytes as an array
/// or <see cref="ReadOnlyMemory{T}"/>, lists of <see cref="long"/> or <see cref="string"/>; <see cref="Unset"/> for a column that an insertion leaves alone; null.</param>
public sealed record CqlStatement(string Text, params IReadOnlyList<object?> Values)
{
    /// <summary>Leaves a column as it is, where null would leave a tombstone.</summary>
    public static readonly object Unset = new();

    /// <summary>Whether servers learn it. False for a change of the schema, which runs once and has no values.</summary>
    public bool IsPrepared { get; init; } = true;

    /// <summary>At most so many rows on a page.</summary>
    public int PageSize { get; init; } = 1000;

    /// <summary>Where to go on: <see cref="CqlPage.NextPage"/> of the page before; null begins.</summary>
    public ReadOnlyMemory<byte>? PagingState { get; init; }
}
