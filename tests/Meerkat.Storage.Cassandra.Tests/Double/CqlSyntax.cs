using Meerkat.Storage.Cassandra.Protocol;

namespace Meerkat.Storage.Cassandra.Tests.Double;

/// <summary>A statement, as it was written.</summary>
internal abstract record Statement;

internal sealed record CreateKeyspace(string Name, bool IfNotExists, IReadOnlyDictionary<string, string> Replication) : Statement;

internal sealed record DropKeyspace(string Name, bool IfExists) : Statement;

internal sealed record CreateTable(string? Keyspace, string Name, bool IfNotExists, IReadOnlyList<(string Name, CqlType Type, string TypeName)> Columns, IReadOnlyList<string> Partition, IReadOnlyList<string> Clustering) : Statement;

internal sealed record Use(string Keyspace) : Statement;

/// <summary>A statement about rows of a table.</summary>
internal abstract record TableStatement(string? Keyspace, string Table) : Statement;

internal sealed record Insert(string? Keyspace, string Table, IReadOnlyList<(string Column, Term Value)> Values, Term? Timestamp) : TableStatement(Keyspace, Table);

internal sealed record Update(string? Keyspace, string Table, IReadOnlyList<(string Column, Term Value)> Values, IReadOnlyList<Relation> Where, Term? Timestamp) : TableStatement(Keyspace, Table);

internal sealed record Delete(string? Keyspace, string Table, IReadOnlyList<Relation> Where, Term? Timestamp) : TableStatement(Keyspace, Table);

/// <summary>A query. No columns: all of them.</summary>
internal sealed record Select(
    string? Keyspace, string Table, IReadOnlyList<string>? Columns, bool IsCount, IReadOnlyList<Relation> Where, IReadOnlyList<(string Column, bool IsDescending)> Order, Term? Limit, bool AllowsFiltering)
    : TableStatement(Keyspace, Table);

/// <summary>A condition: one column, or several as a tuple.</summary>
internal sealed record Relation(IReadOnlyList<string> Columns, string Operator, IReadOnlyList<Term> Values);

/// <summary>A value as it was written.</summary>
internal abstract record Term;

/// <summary>A question mark, or a name behind a colon.</summary>
internal sealed record Marker(int Index, string? Name) : Term;

internal sealed record TextLiteral(string Text) : Term;

/// <summary>A number, a UUID, a blob, true, false.</summary>
internal sealed record WordLiteral(string Word) : Term;

internal sealed record NullLiteral : Term;

/// <summary>A list, set or tuple.</summary>
internal sealed record ListLiteral(IReadOnlyList<Term> Items) : Term;

internal sealed record MapLiteral(IReadOnlyList<(Term Key, Term Value)> Items) : Term;

/// <summary>An error that a server would send.</summary>
internal sealed class DoubleException(CqlError code, string message, byte[]? unprepared = null) : Exception(message)
{
    public CqlError Code => code;

    public byte[]? Unprepared => unprepared;

    /// <summary>What is there already: a keyspace, and a table or nothing.</summary>
    public (string Keyspace, string Table) There { get; init; } = ("", "");

    public static DoubleException Invalid(string message) => new(CqlError.Invalid, message);

    public static DoubleException Syntax(string message) => new(CqlError.SyntaxError, message);
}
