namespace Meerkat.Load.Client;

/// <summary>Finds where a top-level element ends, by depth; enough XML for what servers send while a stream is negotiated.</summary>
internal static class ElementScan
{
    /// <returns>Length of the first complete element, tag or declaration of <paramref name="bytes"/>; 0 when more bytes are needed.</returns>
    /// <remarks>A stream header and its end tag are frames of their own, as is the XML declaration.</remarks>
    public static int Length(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("<?"u8) || bytes.StartsWith("<stream:stream"u8) || bytes.StartsWith("</"u8))
        {
            return TagLength(bytes);
        }

        var depth = 0;
        var at = 0;
        while (at < bytes.Length)
        {
            var length = TagLength(bytes[at..]);
            if (length == 0)
            {
                return 0;
            }

            var tag = bytes.Slice(at, length);
            at += length;
            depth += tag[1] == '/' ? -1 : tag[^2] == '/' ? 0 : 1;
            if (depth == 0)
            {
                return at;
            }

            var text = bytes[at..].IndexOf((byte)'<');
            if (text < 0)
            {
                return 0;
            }

            at += text;
        }

        return 0;
    }

    private static int TagLength(ReadOnlySpan<byte> bytes)
    {
        byte quote = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            var b = bytes[i];
            if (quote != 0)
            {
                quote = b == quote ? (byte)0 : quote;
            }
            else if (b is (byte)'\'' or (byte)'"')
            {
                quote = b;
            }
            else if (b == '>')
            {
                return i + 1;
            }
        }

        return 0;
    }
}
