using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using Meerkat.Storage.Cassandra.Protocol;

namespace Meerkat.Storage.Cassandra.Tests.Double;

/// <summary>Values as a server keeps them: bytes, that a type orders and checks.</summary>
internal static class DoubleValues
{
    /// <summary>Refuses bytes that are no value of the type, as a server does.</summary>
    public static byte[] Check(CqlType type, byte[] value)
    {
        var length = type.Code switch
        {
            CqlTypeCode.Bigint or CqlTypeCode.Double or CqlTypeCode.Timestamp or CqlTypeCode.Counter or CqlTypeCode.Time => 8,
            CqlTypeCode.Int or CqlTypeCode.Float or CqlTypeCode.Date => 4,
            CqlTypeCode.Smallint => 2,
            CqlTypeCode.Boolean or CqlTypeCode.Tinyint => 1,
            CqlTypeCode.Uuid or CqlTypeCode.Timeuuid => 16,
            _ => -1,
        };
        if (length >= 0 && value.Length != length)
        {
            throw DoubleException.Invalid($"Expected {length} or 0 byte {type} ({value.Length})");
        }

        if (type.Code is CqlTypeCode.List or CqlTypeCode.Set)
        {
            foreach (var item in Items(value))
            {
                Check(type.Of[0], item);
            }
        }

        if (type.Code is CqlTypeCode.Varchar)
        {
            try
            {
                _ = new UTF8Encoding(false, true).GetCharCount(value);
            }
            catch (DecoderFallbackException)
            {
                throw DoubleException.Invalid("String didn't validate.");
            }
        }

        return value;
    }

    /// <summary>The values of a list.</summary>
    public static List<byte[]> Items(byte[] list)
    {
        try
        {
            var body = new BodyReader(list);
            var items = new List<byte[]>();
            for (var left = body.Count(body.Int(), 4); left > 0; left--)
            {
                items.Add(body.Bytes()?.ToArray() ?? throw DoubleException.Invalid("null is not supported inside collections"));
            }

            return items;
        }
        catch (CqlProtocolException bad)
        {
            throw DoubleException.Invalid(bad.Message);
        }
    }

    public static int Compare(CqlType type, byte[] a, byte[] b) => type.Code switch
    {
        CqlTypeCode.Bigint or CqlTypeCode.Timestamp => BinaryPrimitives.ReadInt64BigEndian(a).CompareTo(BinaryPrimitives.ReadInt64BigEndian(b)),
        CqlTypeCode.Int => BinaryPrimitives.ReadInt32BigEndian(a).CompareTo(BinaryPrimitives.ReadInt32BigEndian(b)),
        _ => a.AsSpan().SequenceCompareTo(b),
    };

    /// <summary>The bytes of a value that stands in the text of a statement.</summary>
    public static byte[]? Encode(CqlType type, Term term)
    {
        switch (term, type.Code)
        {
            case (NullLiteral, _):
                return null;
            case (TextLiteral text, CqlTypeCode.Varchar or CqlTypeCode.Ascii):
                return Encoding.UTF8.GetBytes(text.Text);
            case (TextLiteral text, CqlTypeCode.Inet):
                return IPAddress.Parse(text.Text).GetAddressBytes();
            case (WordLiteral word, CqlTypeCode.Bigint) when long.TryParse(word.Word, out var number):
                return BodyWriter.Bare().Long(number).Written.ToArray();
            case (WordLiteral word, CqlTypeCode.Int) when int.TryParse(word.Word, out var number):
                return BodyWriter.Bare().Int(number).Written.ToArray();
            case (WordLiteral word, CqlTypeCode.Double) when double.TryParse(word.Word, CultureInfo.InvariantCulture, out var number):
                return BodyWriter.Bare().Long(BitConverter.DoubleToInt64Bits(number)).Written.ToArray();
            case (WordLiteral word, CqlTypeCode.Boolean) when bool.TryParse(word.Word, out var flag):
                return [flag ? (byte)1 : (byte)0];
            case (WordLiteral word, CqlTypeCode.Blob) when word.Word.StartsWith("0x", StringComparison.OrdinalIgnoreCase):
                return Convert.FromHexString(word.Word[2..]);
            case (WordLiteral word, CqlTypeCode.Uuid or CqlTypeCode.Timeuuid) when Guid.TryParse(word.Word, out var id):
                return id.ToByteArray(bigEndian: true);
            case (ListLiteral list, CqlTypeCode.List or CqlTypeCode.Set):
                return List(list.Items.Select(item => Encode(type.Of[0], item)));
            case (MapLiteral { Items.Count: 0 }, CqlTypeCode.Set):
                return List([]);
            case (MapLiteral map, CqlTypeCode.Map):
                var body = BodyWriter.Bare().Int(map.Items.Count);
                foreach (var (key, value) in map.Items)
                {
                    body.Bytes(Encode(type.Of[0], key)).Bytes(Encode(type.Of[1], value));
                }

                return body.Written.ToArray();
            default:
                throw DoubleException.Invalid($"Invalid constant ({term}) for type {type}");
        }
    }

    private static byte[] List(IEnumerable<byte[]?> items)
    {
        var all = items.ToArray();
        var body = BodyWriter.Bare().Int(all.Length);
        foreach (var item in all)
        {
            body.Bytes(item ?? throw DoubleException.Invalid("null is not supported inside collections"));
        }

        return body.Written.ToArray();
    }
}
