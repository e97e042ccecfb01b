using System.Text;

namespace Meerkat.Storage.Cassandra.Protocol;

/// <summary>Values between the framework's types and the bytes of the native protocol (v4, section 6): those that the stores use.</summary>
internal static class CqlValue
{
    private const int Null = -1;
    private const int NotSet = -2;

    /// <summary>Writes a value as a [value].</summary>
    /// <exception cref="CqlException">The column is of another type: said here, before a server is asked.</exception>
    public static void Write(BodyWriter body, object? value, CqlColumn column)
    {
        if (value is null)
        {
            body.Int(Null);
        }
        else if (ReferenceEquals(value, CqlStatement.Unset))
        {
            body.Int(NotSet);
        }
        else
        {
            Write(body, value, column.Type, column.Name);
        }
    }

    /// <summary>About how many bytes a value takes.</summary>
    public static int SizeOf(object? value) => value switch
    {
        string text => 4 + Encoding.UTF8.GetByteCount(text),
        byte[] bytes => 4 + bytes.Length,
        ReadOnlyMemory<byte> bytes => 4 + bytes.Length,
        _ => 12,
    };

    /// <summary>Reads a value that is not null.</summary>
    /// <exception cref="InvalidOperationException">Nothing here reads that type.</exception>
    /// <exception cref="CqlProtocolException">It has not the form of its type.</exception>
    public static object Read(CqlType type, ReadOnlyMemory<byte> bytes)
    {
        var body = new BodyReader(bytes);
        switch (type.Code)
        {
            case CqlTypeCode.Ascii or CqlTypeCode.Varchar:
                return Encoding.UTF8.GetString(bytes.Span);
            case CqlTypeCode.Bigint or CqlTypeCode.Counter or CqlTypeCode.Timestamp or CqlTypeCode.Time:
                return body.Long();
            case CqlTypeCode.Int:
                return body.Int();
            case CqlTypeCode.Boolean:
                return body.Byte() != 0;
            case CqlTypeCode.Double:
                return BitConverter.Int64BitsToDouble(body.Long());
            case CqlTypeCode.Blob:
                return bytes;
            case CqlTypeCode.Uuid or CqlTypeCode.Timeuuid:
                return new Guid(body.Take(16).Span, bigEndian: true);
            case CqlTypeCode.List or CqlTypeCode.Set when type.Of[0].Code is CqlTypeCode.Varchar or CqlTypeCode.Ascii:
                return Items(ref body, type.Of[0], static item => (string)item);
            case CqlTypeCode.List or CqlTypeCode.Set when type.Of[0].Code is CqlTypeCode.Bigint:
                return Items(ref body, type.Of[0], static item => (long)item);
            default:
                throw new InvalidOperationException($"a {type} is not read here");
        }
    }

    private static T[] Items<T>(ref BodyReader body, CqlType type, Func<object, T> cast)
    {
        var items = new T[body.Count(body.Int(), 4)];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = cast(Read(type, body.Bytes() ?? throw new CqlProtocolException("A list has a null in it.")));
        }

        return items;
    }

    private static void Write(BodyWriter body, object value, CqlType type, string name)
    {
        switch (value, type.Code)
        {
            case (string text, CqlTypeCode.Varchar or CqlTypeCode.Ascii):
                body.LongString(text);
                break;
            case (long number, CqlTypeCode.Bigint or CqlTypeCode.Timestamp):
                body.Int(8).Long(number);
                break;
            case (int number, CqlTypeCode.Int):
                body.Int(4).Int(number);
                break;
            case (bool flag, CqlTypeCode.Boolean):
                body.Int(1).Byte(flag ? (byte)1 : (byte)0);
                break;
            case (double number, CqlTypeCode.Double):
                body.Int(8).Long(BitConverter.DoubleToInt64Bits(number));
                break;
            case (byte[] bytes, CqlTypeCode.Blob):
                body.Bytes(bytes);
                break;
            case (ReadOnlyMemory<byte> bytes, CqlTypeCode.Blob):
                body.Bytes(bytes.Span);
                break;
            case (Guid id, CqlTypeCode.Uuid or CqlTypeCode.Timeuuid):
                body.Bytes(id.ToByteArray(bigEndian: true));
                break;
            case (IReadOnlyList<string> list, CqlTypeCode.List or CqlTypeCode.Set):
                WriteList(body, list, type.Of[0], name);
                break;
            case (IReadOnlyList<long> list, CqlTypeCode.List or CqlTypeCode.Set):
                WriteList(body, list, type.Of[0], name);
                break;
            default:
                throw new CqlException($"{name} is a {type}, and no {value.GetType().Name} can be put there.");
        }
    }

    private static void WriteList<T>(BodyWriter body, IReadOnlyList<T> list, CqlType type, string name)
        where T : notnull
    {
        var items = BodyWriter.Bare().Int(list.Count);
        foreach (var item in list)
        {
            Write(items, item, type, name);
        }

        body.Bytes(items.Written);
    }
}
