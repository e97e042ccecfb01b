using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using Meerkat.Storage.Cassandra.Protocol;

namespace Meerkat.Storage.Cassandra.Tests.Double;

/// <summary>A client's connection to a server of the double. Requests are carried out side by side, as they are by a real one, and answered when they are done.</summary>
internal sealed class DoubleConnection(DoubleNode node, Socket socket) : IDisposable
{
    private const int LargestBatch = 50 << 10; // batch_size_fail_threshold_in_kb
    private const int LargestFrame = 16 << 20;

    private readonly SemaphoreSlim _write = new(1, 1);
    private Stream? _stream;
    private volatile string? _keyspace;
    private volatile bool _isReady;
    private volatile bool _wantsEvents;

    public void Cut() => socket.Dispose();

    public void Dispose()
    {
        _stream?.Dispose();
        _write.Dispose();
    }

    public async Task RunAsync()
    {
        try
        {
            _stream = new NetworkStream(socket, ownsSocket: true);
            if (node.Cluster.Certificate is { } certificate)
            {
                var encrypted = new SslStream(_stream);
                await encrypted.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate });
                _stream = encrypted;
            }

            await ReadAsync(PipeReader.Create(_stream));
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or AuthenticationException or InvalidOperationException)
        {
            // It went.
        }
        finally
        {
            socket.Dispose();
        }
    }

    /// <summary>EVENT (native protocol v4, section 4.2.6).</summary>
    public void Tell((string Change, string Target, string Keyspace, string? Name) change)
    {
        if (_wantsEvents)
        {
            var body = new BodyWriter(Opcode.Event, isResponse: true).String("SCHEMA_CHANGE");
            _ = SendAsync(-1, WriteChange(body, change));
        }
    }

    private async Task ReadAsync(PipeReader input)
    {
        while (true)
        {
            var result = await input.ReadAsync();
            var buffer = result.Buffer;
            if (buffer.Length > 0 && (buffer.FirstSpan[0] & 0x7F) != Frame.Version)
            {
                // Drivers begin with a later version, and come back with this one when they are told so (section 9, and the answer's own version).
                await SendAsync(0, WriteError(new DoubleException(CqlError.ProtocolError, $"Invalid or unsupported protocol version ({buffer.FirstSpan[0] & 0x7F}); the lowest supported version is 3 and the greatest is 4")));
                return;
            }

            while (Frame.TryRead(ref buffer, LargestFrame, out var frame))
            {
                _ = AnswerAsync(frame);
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(Frame frame)
    {
        await Task.Yield();
        await node.NotHanging();
        node.Count();
        BodyWriter answer;
        await node.Cluster.Turn.WaitAsync(); // no thread waits for the data: this process has few, and the client needs them
        try
        {
            if (!_isReady && frame.Opcode is not (Opcode.Startup or Opcode.Options or Opcode.AuthResponse))
            {
                throw new DoubleException(CqlError.ProtocolError, $"Unexpected message {frame.Opcode}, expecting STARTUP or OPTIONS");
            }

            node.Cluster.Before?.Invoke(node, frame.Opcode);
            answer = Answer(frame);
        }
        catch (DoubleException error)
        {
            answer = WriteError(error);
        }
        catch (CqlProtocolException bad)
        {
            answer = WriteError(new DoubleException(CqlError.ProtocolError, bad.Message));
        }
        finally
        {
            node.Cluster.Turn.Release();
        }

        await SendAsync(frame.Stream, answer);
    }

    private BodyWriter Answer(in Frame frame)
    {
        var body = new BodyReader(frame.Body);
        switch (frame.Opcode)
        {
            case Opcode.Startup:
                body.StringMap();
                if (node.Cluster.Credentials is not null)
                {
                    return New(Opcode.Authenticate).String("org.apache.cassandra.auth.PasswordAuthenticator");
                }

                _isReady = true;
                return New(Opcode.Ready);
            case Opcode.AuthResponse:
                var expected = node.Cluster.Credentials is { } known ? $"\0{known.Name}\0{known.Password}" : null;
                if (Encoding.UTF8.GetString((body.Bytes() ?? default).Span) != expected)
                {
                    throw new DoubleException(CqlError.BadCredentials, "Provided username and/or password are incorrect");
                }

                _isReady = true;
                return New(Opcode.AuthSuccess).Int(-1);
            case Opcode.Options:
                return New(Opcode.Supported).Short(2).String("CQL_VERSION").StringList(["3.4.4"]).String("COMPRESSION").StringList([]);
            case Opcode.Register:
                body.StringList();
                _wantsEvents = true;
                return New(Opcode.Ready);
            case Opcode.Query:
                var text = body.LongString();
                node.Cluster.Ran.Enqueue(text);
                return Run(CqlParser.Parse(text).Statement, ref body);
            case Opcode.Prepare:
                return Prepare(body.LongString());
            case Opcode.Execute:
                return Run(node.Learnt(body.ShortBytes().ToArray()), ref body);
            case Opcode.Batch:
                return Batch(frame, ref body);
            default:
                throw new DoubleException(CqlError.ProtocolError, $"Unknown opcode {(int)frame.Opcode}");
        }
    }

    // Section 4.1.4: what stands behind a statement.
    private BodyWriter Run(Statement statement, ref BodyReader body)
    {
        body.Short();
        var flags = (QueryFlags)body.Byte();
        var bound = (flags & QueryFlags.Values) != 0 ? ReadValues(ref body, (flags & QueryFlags.Names) != 0) : new Bound([]);
        var size = (flags & QueryFlags.PageSize) != 0 ? body.Int() : -1;
        var state = (flags & QueryFlags.PagingState) != 0 ? body.Bytes()?.ToArray() : null;
        if ((flags & QueryFlags.SerialConsistency) != 0)
        {
            body.Short();
        }

        var timestamp = (flags & QueryFlags.Timestamp) != 0 ? body.Long() : node.Cluster.Now();
        var outcome = Run(statement, bound, new Paging(size, state), timestamp);
        return outcome.SchemaChange is { } change ? WriteChange(New(Opcode.Result).Int((int)ResultKind.SchemaChange), change)
            : outcome.Keyspace is { } keyspace ? New(Opcode.Result).Int((int)ResultKind.SetKeyspace).String(keyspace)
            : outcome.Rows is not null ? WriteRows(outcome, (flags & QueryFlags.SkipMetadata) != 0)
            : New(Opcode.Result).Int((int)ResultKind.Void);
    }

    private BodyWriter Batch(in Frame frame, ref BodyReader body)
    {
        if (frame.Body.Length > LargestBatch)
        {
            throw DoubleException.Invalid("Batch too large");
        }

        var type = body.Byte();
        var statements = new List<(Statement, Bound)>();
        for (var left = body.Short(); left > 0; left--)
        {
            Statement statement;
            if (body.Byte() == 0)
            {
                var text = body.LongString();
                statement = CqlParser.Parse(text).Statement;
            }
            else
            {
                statement = node.Learnt(body.ShortBytes().ToArray());
            }

            statements.Add((statement is Insert or Update or Delete ? statement : throw DoubleException.Invalid("Invalid statement in batch: only UPDATE, INSERT and DELETE statements are allowed."), ReadValues(ref body, false)));
        }

        body.Short();
        var flags = (QueryFlags)body.Byte();
        if ((flags & QueryFlags.SerialConsistency) != 0)
        {
            body.Short();
        }

        var timestamp = (flags & QueryFlags.Timestamp) != 0 ? body.Long() : node.Cluster.Now();
        foreach (var (statement, bound) in statements)
        {
            Run(statement, bound, null, timestamp);
        }

        return type <= 2 ? New(Opcode.Result).Int((int)ResultKind.Void) : throw new DoubleException(CqlError.ProtocolError, $"Invalid batch type {type}");
    }

    private Outcome Run(Statement statement, Bound bound, Paging? paging, long timestamp)
    {
        var keyspaces = KeyspacesOf(statement);
        if (keyspaces != node.Cluster.Keyspaces && statement is not Select)
        {
            throw new DoubleException(CqlError.Unauthorized, "system keyspace is not user-modifiable.");
        }

        var outcome = keyspaces.Run(statement, _keyspace, bound, paging, timestamp);
        if (outcome.Keyspace is { } keyspace)
        {
            _keyspace = keyspace;
        }

        if (outcome.SchemaChange is { } change)
        {
            foreach (var each in node.Cluster.Nodes)
            {
                each.Tell(change);
            }
        }

        return outcome;
    }

    private DoubleKeyspaces KeyspacesOf(Statement statement) =>
        statement is TableStatement about && SystemTables.Owns(about.Keyspace ?? _keyspace)
            ? node.System(withSchema: (about.Keyspace ?? _keyspace) is "system_schema")
            : node.Cluster.Keyspaces;

    private BodyWriter Prepare(string text)
    {
        var (statement, markers) = CqlParser.Parse(text);
        var id = SHA256.HashData(Encoding.UTF8.GetBytes(_keyspace + text))[..16];
        node.Cluster.Ran.Enqueue(text);
        var table = statement is TableStatement about ? KeyspacesOf(statement).Table(about.Keyspace ?? _keyspace, about.Table) : null;
        var wanted = table is null ? [] : DoubleRows.Wanted(table, (TableStatement)statement);
        if (wanted.Count != markers)
        {
            throw DoubleException.Invalid("A bind variable is where none is understood");
        }

        node.Learn(id, statement);
        var body = New(Opcode.Result).Int((int)ResultKind.Prepared).ShortBytes(id).Int((int)(wanted.Count > 0 ? MetadataFlags.GlobalTable : MetadataFlags.None)).Int(wanted.Count);
        var keys = table?.Partition.Select(column => wanted.Select((value, i) => (value.Name, i)).Where(value => value.Name == column.Name).Select(value => value.i).DefaultIfEmpty(-1).First()).ToArray() ?? [];
        keys = keys.Contains(-1) ? [] : keys;
        body.Int(keys.Length);
        foreach (var key in keys)
        {
            body.Short(key);
        }

        WriteColumns(body, table, wanted);
        if (statement is Select select)
        {
            var columns = select.IsCount ? [new CqlColumn("count", new CqlType(CqlTypeCode.Bigint))] : select.Columns is null ? table!.Columns : [.. select.Columns.Select(table!.Column)];
            WriteColumns(body.Int((int)MetadataFlags.GlobalTable).Int(columns.Count), table, columns);
        }
        else
        {
            body.Int((int)MetadataFlags.NoMetadata).Int(0);
        }

        return body;
    }

    private static Bound ReadValues(ref BodyReader body, bool haveNames)
    {
        var list = new List<(byte[]?, bool)>();
        var names = haveNames ? new Dictionary<string, byte[]?>() : null;
        for (var left = body.Short(); left > 0; left--)
        {
            var name = haveNames ? body.String() : null;
            var value = body.Value(out var isUnset)?.ToArray();
            list.Add((value, isUnset));
            if (name is not null)
            {
                names![name] = value;
            }
        }

        return new Bound(list, names);
    }

    private static BodyWriter New(Opcode opcode) => new(opcode, isResponse: true);

    private static BodyWriter WriteRows(Outcome outcome, bool skipMetadata)
    {
        var body = New(Opcode.Result).Int((int)ResultKind.Rows);
        var flags = (outcome.NextPage is null ? 0 : MetadataFlags.HasMorePages) | (skipMetadata ? MetadataFlags.NoMetadata : MetadataFlags.GlobalTable);
        body.Int((int)flags).Int(outcome.Columns!.Count);
        if (outcome.NextPage is { } next)
        {
            body.Bytes(next);
        }

        if (!skipMetadata)
        {
            WriteColumns(body, outcome.Table, outcome.Columns);
        }

        body.Int(outcome.Rows!.Count);
        foreach (var value in outcome.Rows.SelectMany(row => row))
        {
            _ = value is null ? body.Int(-1) : body.Bytes(value);
        }

        return body;
    }

    private static void WriteColumns(BodyWriter body, DoubleTable? table, IReadOnlyList<CqlColumn> columns)
    {
        if (columns.Count == 0)
        {
            return;
        }

        body.String(table!.Keyspace).String(table.Name);
        foreach (var column in columns)
        {
            WriteType(body.String(column.Name), column.Type);
        }
    }

    private static void WriteType(BodyWriter body, CqlType type)
    {
        body.Short((int)type.Code);
        if (type.Code is CqlTypeCode.Tuple)
        {
            body.Short(type.Of.Count);
        }

        foreach (var inner in type.Of)
        {
            WriteType(body, inner);
        }
    }

    private static BodyWriter WriteChange(BodyWriter body, (string Change, string Target, string Keyspace, string? Name) change)
    {
        body.String(change.Change).String(change.Target).String(change.Keyspace);
        return change.Name is null ? body : body.String(change.Name);
    }

    // Section 9: some errors have more to say.
    private static BodyWriter WriteError(DoubleException error)
    {
        var body = New(Opcode.Error).Int((int)error.Code).String(error.Message);
        return error.Code switch
        {
            CqlError.Unprepared => body.ShortBytes(error.Unprepared!),
            CqlError.Unavailable => body.Short(1).Int(1).Int(0),
            CqlError.WriteTimeout => body.Short(1).Int(0).Int(1).String("SIMPLE"),
            CqlError.ReadTimeout => body.Short(1).Int(0).Int(1).Byte(0),
            CqlError.AlreadyExists => body.String(error.There.Keyspace).String(error.There.Table),
            _ => body,
        };
    }

    private async Task SendAsync(short stream, BodyWriter body)
    {
        var frame = body.ToFrame();
        BodyWriter.SetStream(frame, stream);
        try
        {
            await _write.WaitAsync();
            try
            {
                await _stream!.WriteAsync(frame);
            }
            finally
            {
                _write.Release();
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // It went.
        }
    }
}
