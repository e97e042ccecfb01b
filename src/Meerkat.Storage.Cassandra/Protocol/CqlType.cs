namespace Meerkat.Storage.Cassandra.Protocol;

/// <summary>A type of CQL.</summary>
/// <param name="Code">Which.</param>
/// <param name="Of">What a collection or a tuple holds; empty for others.</param>
public sealed record CqlType(CqlTypeCode Code, params IReadOnlyList<CqlType> Of)
{
    private const int Deepest = 16;

    /// <summary>As CQL writes it, for people.</summary>
    public override string ToString() => Of.Count == 0 ? Code.ToString().ToLowerInvariant() : $"{Code.ToString().ToLowerInvariant()}<{string.Join(", ", Of)}>";

    /// <summary>Reads an [option] of a result's metadata.</summary>
    internal static CqlType Read(ref BodyReader body, int depth = 0)
    {
        if (depth > Deepest)
        {
            throw new CqlProtocolException("A type has too many types in it.");
        }

        var code = (CqlTypeCode)body.Short();
        switch (code)
        {
            case CqlTypeCode.Custom:
                body.String();
                return new CqlType(code);
            case CqlTypeCode.List or CqlTypeCode.Set:
                return new CqlType(code, Read(ref body, depth + 1));
            case CqlTypeCode.Map:
                var key = Read(ref body, depth + 1);
                return new CqlType(code, key, Read(ref body, depth + 1));
            case CqlTypeCode.UserDefined:
                body.String();
                body.String();
                var fields = new CqlType[body.Count(body.Short(), 4)];
                for (var i = 0; i < fields.Length; i++)
                {
                    body.String();
                    fields[i] = Read(ref body, depth + 1);
                }

                return new CqlType(code, fields);
            case CqlTypeCode.Tuple:
                var parts = new CqlType[body.Count(body.Short(), 2)];
                for (var i = 0; i < parts.Length; i++)
                {
                    parts[i] = Read(ref body, depth + 1);
                }

                return new CqlType(code, parts);
            case > CqlTypeCode.Custom and <= CqlTypeCode.Duration:
                return new CqlType(code);
            default:
                throw new CqlProtocolException($"There is no type {(int)code}.");
        }
    }
}

/// <summary>Types by their numbers in the native protocol (v4, section 4.2.5.2).</summary>
public enum CqlTypeCode
{
    /// <summary>A class of the server.</summary>
    Custom = 0x00,

    /// <summary>Text of ASCII.</summary>
    Ascii = 0x01,

    /// <summary>64 bits.</summary>
    Bigint = 0x02,

    /// <summary>Bytes.</summary>
    Blob = 0x03,

    /// <summary>True or false.</summary>
    Boolean = 0x04,

    /// <summary>A counter.</summary>
    Counter = 0x05,

    /// <summary>A decimal number of any size.</summary>
    Decimal = 0x06,

    /// <summary>64 bits of floating point.</summary>
    Double = 0x07,

    /// <summary>32 bits of floating point.</summary>
    Float = 0x08,

    /// <summary>32 bits.</summary>
    Int = 0x09,

    /// <summary>Milliseconds since 1970.</summary>
    Timestamp = 0x0B,

    /// <summary>A UUID.</summary>
    Uuid = 0x0C,

    /// <summary>Text.</summary>
    Varchar = 0x0D,

    /// <summary>An integer of any size.</summary>
    Varint = 0x0E,

    /// <summary>A UUID with a time in it.</summary>
    Timeuuid = 0x0F,

    /// <summary>An address of a machine.</summary>
    Inet = 0x10,

    /// <summary>A day.</summary>
    Date = 0x11,

    /// <summary>A time of day.</summary>
    Time = 0x12,

    /// <summary>16 bits.</summary>
    Smallint = 0x13,

    /// <summary>8 bits.</summary>
    Tinyint = 0x14,

    /// <summary>A span of time.</summary>
    Duration = 0x15,

    /// <summary>A list.</summary>
    List = 0x20,

    /// <summary>A map.</summary>
    Map = 0x21,

    /// <summary>A set.</summary>
    Set = 0x22,

    /// <summary>A type of the schema.</summary>
    UserDefined = 0x30,

    /// <summary>A tuple.</summary>
    Tuple = 0x31,
}
