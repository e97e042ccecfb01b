using System.Text;

namespace Meerkat.Storage.Cassandra.Protocol;

/// <summary>The messages of a client (native protocol v4, section 4.1), as frames without a stream.</summary>
internal static class Requests
{
    private const byte LoggedBatch = 0;
    private const byte PreparedInBatch = 1;

    /// <summary>STARTUP.</summary>
    public static byte[] Startup() =>
        new BodyWriter(Opcode.Startup).StringMap(new Dictionary<string, string> { ["CQL_VERSION"] = "3.0.0", ["DRIVER_NAME"] = "Meerkat" }).ToFrame();

    /// <summary>AUTH_RESPONSE with the token of SASL PLAIN (RFC 4616), as Cassandra's <c>PasswordAuthenticator</c> wants it.</summary>
    public static byte[] Plain(string username, string password) => new BodyWriter(Opcode.AuthResponse).Bytes(Encoding.UTF8.GetBytes($"\0{username}\0{password}")).ToFrame();

    /// <summary>OPTIONS.</summary>
    public static byte[] Options() => new BodyWriter(Opcode.Options).ToFrame();

    /// <summary>PREPARE.</summary>
    public static byte[] Prepare(string text) => new BodyWriter(Opcode.Prepare).LongString(text).ToFrame();

    /// <summary>QUERY, for what cannot be prepared: a change of the schema.</summary>
    public static byte[] Query(string text, ushort consistency) => new BodyWriter(Opcode.Query).LongString(text).Short(consistency).Byte((byte)QueryFlags.None).ToFrame();

    /// <summary>EXECUTE.</summary>
    public static byte[] Execute(PreparedStatement prepared, CqlStatement statement, ushort consistency, long timestamp)
    {
        var flags = QueryFlags.PageSize | QueryFlags.Timestamp
            | (statement.Values.Count > 0 ? QueryFlags.Values : QueryFlags.None)
            | (statement.PagingState is null ? QueryFlags.None : QueryFlags.PagingState);
        var body = new BodyWriter(Opcode.Execute, capacity: 64 + statement.Values.Sum(CqlValue.SizeOf)).ShortBytes(prepared.Id.Span).Short(consistency).Byte((byte)flags);
        if (statement.Values.Count > 0)
        {
            WriteValues(body, prepared, statement);
        }

        body.Int(statement.PageSize);
        if (statement.PagingState is { } state)
        {
            body.Bytes(state.Span);
        }

        return body.Long(timestamp).ToFrame();
    }

    /// <summary>BATCH of prepared statements, logged.</summary>
    public static byte[] Batch(IReadOnlyList<(PreparedStatement Prepared, CqlStatement Statement)> statements, ushort consistency, long timestamp)
    {
        var body = new BodyWriter(Opcode.Batch, capacity: 1024).Byte(LoggedBatch).Short(statements.Count);
        foreach (var (prepared, statement) in statements)
        {
            WriteValues(body.Byte(PreparedInBatch).ShortBytes(prepared.Id.Span), prepared, statement);
        }

        return body.Short(consistency).Byte((byte)QueryFlags.Timestamp).Long(timestamp).ToFrame();
    }

    private static void WriteValues(BodyWriter body, PreparedStatement prepared, CqlStatement statement)
    {
        if (prepared.Values.Count != statement.Values.Count)
        {
            throw new CqlException($"{prepared.Values.Count} values are wanted, not {statement.Values.Count}: {statement.Text}");
        }

        body.Short(statement.Values.Count);
        for (var i = 0; i < statement.Values.Count; i++)
        {
            CqlValue.Write(body, statement.Values[i], prepared.Values[i]);
        }
    }
}
