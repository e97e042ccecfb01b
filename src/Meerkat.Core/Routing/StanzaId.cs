using System.Diagnostics.CodeAnalysis;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Core.Routing;

/// <summary>The stable id of a message (XEP-0359), which is its id in archives too (MAM-001 to MAM-003): microseconds since 1970 and the node that gave it.</summary>
/// <param name="Value">The number: 55 bits of time over 8 bits of node. Orders by time.</param>
public readonly record struct StanzaId(long Value)
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUV";

    /// <summary>When it was given, to the microsecond (MAM-003).</summary>
    public DateTimeOffset Time => DateTimeOffset.UnixEpoch.AddTicks((Value >> 8) * TimeSpan.TicksPerMicrosecond);

    /// <summary>The lowest id of a time (MAM-004).</summary>
    public static StanzaId First(DateTimeOffset time) => new(Microseconds(time) << 8);

    /// <summary>The highest id of a time (MAM-004).</summary>
    public static StanzaId Last(DateTimeOffset time) => new((Microseconds(time) << 8) | 0xFF);

    /// <summary>Reads the external form: base 32 with the digits 0-9A-V in any case (MAM-002).</summary>
    /// <returns>False when it is none, or above 2^63-1.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out StanzaId id)
    {
        id = default;
        if (string.IsNullOrEmpty(text))
        {
            return false;
        }

        long value = 0;
        foreach (var c in text)
        {
            var digit = c switch
            {
                >= '0' and <= '9' => c - '0',
                >= 'A' and <= 'V' => c - 'A' + 10,
                >= 'a' and <= 'v' => c - 'a' + 10,
                _ => -1,
            };
            if (digit < 0 || value > long.MaxValue >> 5)
            {
                return false;
            }

            value = (value << 5) | (long)digit;
        }

        id = new StanzaId(value);
        return true;
    }

    /// <summary><c>&lt;stanza-id/&gt;</c> (XEP-0359 §3.1).</summary>
    /// <param name="by">Who gave it.</param>
    public XmlElement ToElement(BareJid by) => new XmlBuilder("stanza-id", Ns.StanzaIds).Attribute("by", by.ToString()).Attribute("id", ToString()).Build();

    /// <summary>The external form (MAM-002).</summary>
    public override string ToString()
    {
        Span<char> text = stackalloc char[13];
        var at = text.Length;
        var left = Value;
        do
        {
            text[--at] = Digits[(int)(left & 31)];
            left >>= 5;
        }
        while (left > 0);

        return new string(text[at..]);
    }

    internal static long Microseconds(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}

/// <summary>Gives stanza ids: each once, in rising order on this node, different from every other node's (MAM-001). Safe for concurrent use.</summary>
/// <param name="time">The clock.</param>
/// <param name="node">Number of this node in the cluster.</param>
public sealed class StanzaIdGenerator(TimeProvider time, byte node)
{
    private long _last;

    /// <summary>Number of this node in the cluster. Set before the first id is asked for.</summary>
    public byte Node { get; set; } = node;

    /// <summary>The next id: of now, or of the first microsecond that was not used yet.</summary>
    public StanzaId Next()
    {
        var now = StanzaId.Microseconds(time.GetUtcNow());
        while (true)
        {
            var last = Volatile.Read(ref _last);
            var next = Math.Max(now, last + 1);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
            {
                return new StanzaId((next << 8) | Node);
            }
        }
    }
}
