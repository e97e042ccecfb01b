using System.Buffers.Binary;
using System.Text;

namespace Meerkat.Server.Tests.Telemetry;

/// <summary>A message of Protocol Buffers without its description: fields by number, as the wire has them (protobuf encoding, "Message structure").</summary>
internal sealed class Protobuf
{
    private readonly List<(int Number, ReadOnlyMemory<byte> Bytes, ulong Value)> _fields = [];

    public Protobuf(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var key = ReadVarint(ref bytes);
            var number = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    _fields.Add((number, default, ReadVarint(ref bytes)));
                    break;
                case 1:
                    _fields.Add((number, bytes[..8], BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span)));
                    bytes = bytes[8..];
                    break;
                case 2:
                    var length = (int)ReadVarint(ref bytes);
                    _fields.Add((number, bytes[..length], 0));
                    bytes = bytes[length..];
                    break;
                case 5:
                    _fields.Add((number, bytes[..4], BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span)));
                    bytes = bytes[4..];
                    break;
                default:
                    throw new FormatException($"wire type {key & 7}");
            }
        }
    }

    /// <summary>The messages at the end of a path of field numbers, all of them where a field is repeated.</summary>
    public IEnumerable<Protobuf> All(params int[] path) =>
        path is [] ? [this] : _fields.Where(field => field.Number == path[0]).SelectMany(field => new Protobuf(field.Bytes).All(path[1..]));

    public bool Has(int number) => _fields.Any(field => field.Number == number);

    public string Text(int number) => Encoding.UTF8.GetString(Bytes(number).Span);

    public ReadOnlyMemory<byte> Bytes(int number) => _fields.Where(field => field.Number == number).Select(field => field.Bytes).FirstOrDefault();

    public ulong Number(int number) => _fields.Where(field => field.Number == number).Select(field => field.Value).FirstOrDefault();

    /// <summary>A repeated field of <c>KeyValue</c> whose values are text (opentelemetry/proto/common/v1).</summary>
    public IReadOnlyDictionary<string, string> Attributes(int number) =>
        All(number).ToDictionary(pair => pair.Text(1), pair => pair.All(2).First().Text(1));

    private static ulong ReadVarint(ref ReadOnlyMemory<byte> bytes)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes.Span[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
