namespace Meerkat.Xmpp.Sasl;

/// <summary>The payload of <c>auth</c>, <c>challenge</c>, <c>response</c> and <c>success</c>.</summary>
public static class SaslBase64
{
    /// <summary>Decodes as MIME does (RFC 2045 §6.8, CORE-072): what is not of the alphabet is passed over, <c>=</c> ends the data, padding may be missing. Never fails; "" and "=" are the empty message.</summary>
    public static byte[] Decode(ReadOnlySpan<char> text)
    {
        var decoded = new byte[(text.Length * 3 / 4) + 1];
        var length = 0;
        var bits = 0;
        var held = 0;
        foreach (var c in text)
        {
            if (c is '=')
            {
                break;
            }

            var value = Value(c);
            if (value < 0)
            {
                continue;
            }

            held = ((held << 6) | value) & 0xFFFFFF;
            bits += 6;
            if (bits >= 8)
            {
                bits -= 8;
                decoded[length++] = (byte)(held >> bits);
            }
        }

        Array.Resize(ref decoded, length);
        return decoded;
    }

    /// <summary>Encodes for <c>challenge</c> and <c>success</c>. Empty data is "" in a challenge; a success that carries empty data says "=" (RFC 6120 §6.4.6), which no mechanism here does.</summary>
    public static string Encode(ReadOnlySpan<byte> data) => Convert.ToBase64String(data);

    private static int Value(char c) => c switch
    {
        >= 'A' and <= 'Z' => c - 'A',
        >= 'a' and <= 'z' => c - 'a' + 26,
        >= '0' and <= '9' => c - '0' + 52,
        '+' => 62,
        '/' => 63,
        _ => -1,
    };
}
