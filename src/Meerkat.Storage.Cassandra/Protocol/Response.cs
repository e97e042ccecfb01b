namespace Meerkat.Storage.Cassandra.Protocol;

/// <summary>The messages of a server (native protocol v4, section 4.2), read from a frame.</summary>
/// <remarks>What stands before the content (the id of a trace, warnings, a payload) is passed over.</remarks>
internal static class Response
{
    /// <summary>Raises what an ERROR says; anything else than what was expected is no answer.</summary>
    public static void Expect(in Frame frame, Opcode expected)
    {
        if (frame.Opcode == Opcode.Error)
        {
            throw ReadError(frame);
        }

        if (frame.Opcode != expected)
        {
            throw new CqlProtocolException($"{expected} was to come and not {frame.Opcode}.");
        }
    }

    /// <summary>What a RESULT has: rows, or none.</summary>
    public static CqlPage ReadPage(in Frame frame)
    {
        Expect(frame, Opcode.Result);
        var body = Begin(frame);
        return (ResultKind)body.Int() switch
        {
            ResultKind.Void or ResultKind.SetKeyspace or ResultKind.SchemaChange => CqlPage.Empty,
            ResultKind.Rows => ReadRows(ref body),
            var other => throw new CqlProtocolException($"A result of kind {(int)other} was not to come."),
        };
    }

    /// <summary>What a RESULT says of a statement that was learnt.</summary>
    public static PreparedStatement ReadPrepared(in Frame frame)
    {
        Expect(frame, Opcode.Result);
        var body = Begin(frame);
        if ((ResultKind)body.Int() is not ResultKind.Prepared)
        {
            throw new CqlProtocolException("A prepared statement was to come.");
        }

        var id = body.ShortBytes();
        var flags = (MetadataFlags)body.Int();
        var count = body.Count(body.Int(), 2);
        for (var left = body.Count(body.Int(), 2); left > 0; left--)
        {
            body.Short(); // which values make the partition key
        }

        return new PreparedStatement(id, ReadColumns(ref body, flags, count));
    }

    private static CqlPage ReadRows(ref BodyReader body)
    {
        var flags = (MetadataFlags)body.Int();
        var count = body.Int();
        ReadOnlyMemory<byte>? next = (flags & MetadataFlags.HasMorePages) != 0 ? body.Bytes() : null;
        if ((flags & MetadataFlags.NoMetadata) != 0)
        {
            throw new CqlProtocolException("A result does not say what its columns are.");
        }

        var columns = ReadColumns(ref body, flags, body.Count(count, 2));
        var said = body.Int();

        // A row of no columns takes no bytes: no count of those is believed.
        var rows = new CqlRow[columns.Length == 0 && said != 0 ? throw new CqlProtocolException("Rows have no columns.") : body.Count(said, 4 * columns.Length)];
        for (var i = 0; i < rows.Length; i++)
        {
            var values = new ReadOnlyMemory<byte>?[columns.Length];
            for (var j = 0; j < values.Length; j++)
            {
                values[j] = body.Bytes();
            }

            rows[i] = new CqlRow(columns, values);
        }

        return new CqlPage(columns, rows, next);
    }

    private static CqlColumn[] ReadColumns(ref BodyReader body, MetadataFlags flags, int count)
    {
        if ((flags & MetadataFlags.GlobalTable) != 0 && count > 0)
        {
            body.String();
            body.String();
        }

        var columns = new CqlColumn[body.Count(count, 4)];
        for (var i = 0; i < columns.Length; i++)
        {
            if ((flags & MetadataFlags.GlobalTable) == 0)
            {
                body.String();
                body.String();
            }

            var name = body.String();
            columns[i] = new CqlColumn(name, CqlType.Read(ref body));
        }

        return columns;
    }

    private static CqlException ReadError(in Frame frame)
    {
        var body = Begin(frame);
        var code = (CqlError)body.Int();
        return new CqlException(code, body.String());
    }

    private static BodyReader Begin(in Frame frame)
    {
        var body = new BodyReader(frame.Body);
        if ((frame.Flags & FrameFlags.Tracing) != 0)
        {
            body.Take(16);
        }

        if ((frame.Flags & FrameFlags.Warning) != 0)
        {
            body.StringList();
        }

        if ((frame.Flags & FrameFlags.CustomPayload) != 0)
        {
            body.SkipBytesMap();
        }

        return body;
    }
}
