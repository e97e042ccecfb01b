namespace Meerkat.Storage.Cassandra.Protocol;

/// <summary>A statement that a server has learnt.</summary>
/// <param name="Id">What the server calls it.</param>
/// <param name="Values">The values that it wants.</param>
internal sealed record PreparedStatement(ReadOnlyMemory<byte> Id, IReadOnlyList<CqlColumn> Values);
