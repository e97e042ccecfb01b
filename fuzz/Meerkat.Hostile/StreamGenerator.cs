using System.Text;

namespace Meerkat.Hostile;

/// <summary>Makes hostile streams: case <c>n</c> of a seed is always the same.</summary>
/// <param name="seed">The seed of the run.</param>
/// <param name="accounts">Localparts of accounts that exist.</param>
/// <param name="password">Their password.</param>
/// <param name="domain">Their domain.</param>
public sealed class StreamGenerator(int seed, IReadOnlyList<string> accounts, string password, string domain)
{
    private const int Deep = 100_000;

    // Values, names and pieces that sit where something else belongs.
    private static readonly string[] s_values =
    [
        "", " ", "'", "&lt;", "&amp;", "&#x0;", "&#x1F600;", "@", "/", "@/", "a@b@c", "a/b/c", "\u00ad", "\u200f", "\ud83d\ude00", "\u0130", "\ufb01", "example.test", "example.test/x", "@example.test", "get", "set", "result",
        "error", "subscribe", "remove", "both", "0", "-1", "1", "4294967296", "99999999999999999999", "1e9", "NaN", "true", "jabber:client", "jabber:server", "http://etherx.jabber.org/streams", "urn:xmpp:sm:3", "x\ty",
        "2020-13-40T99:99:99Z", "far.example", "a@far.example/r", "127.0.0.1", "[::1]", "xn--a", "\u2024com",
    ];

    private static readonly string[] s_pieces =
    [
        "<a/>", "<a xmlns=''/>", "<a xmlns='jabber:server'/>", "<message/>", "<iq/>", "<iq type='get'/>", "<body/>", "x", "]]>", "<![CDATA[<a>]]>", "<!-- c -->", "<?pi?>", "<!DOCTYPE a>", "&e;", "<a:b/>", "<a xmlns:a='a:b' a:b='c'/>",
        "<stream:stream>", "</stream:stream>", "<stream:error/>", " a='b'", " a='b' a='b'", " xml:lang='x'", " xmlns='u'", " xmlns:p='u'", " id='x'", " from='x'", " from='example.test'", " to='b@example.test'", " type='set'",
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>x</value></field></x>", "<error/>", "<query xmlns='jabber:iq:roster'/>", "\0", "\ufeff", "\r\n",
    ];

    /// <summary>Makes a case.</summary>
    public HostileStream Make(int number)
    {
        var random = new Random(unchecked((seed * 1_000_003) + number));
        var parts = SessionText.Make(random, accounts, password, domain);
        var ending = random.Next(12) switch { 0 => Ending.Abandon, 1 => Ending.Reset, _ => Ending.Close };
        return random.Next(100) switch
        {
            < 45 => new("bent", Utf8(Bend(random, parts)), false, null, ending),
            < 70 => new("flipped", Flip(random, Utf8(parts)), false, null, ending),
            < 78 => new("truncated", Truncate(random, Utf8(parts)), false, null, ending),
            < 84 => new("invalid UTF-8", BadUtf8(random, Utf8(parts)), false, null, ending),
            < 87 => new("slow", Truncate(random, Flip(random, Utf8(parts))), true, null, ending),
            < 91 => new("half-open", Truncate(random, Utf8(parts)), false, null, Ending.Abandon),
            < 95 => new("behind starttls", Utf8(Bend(random, parts)), false, Behind(random, parts), ending),
            < 97 => new("entity bomb", Insert(random, parts, Bomb(random)), false, null, ending),
            < 99 => new("oversized", Insert(random, parts, Oversized(random)), false, null, ending),
            _ => new("deep", Insert(random, parts, Nested(random)), false, null, ending),
        };
    }

    private static byte[] Utf8(IEnumerable<string> parts) => Encoding.UTF8.GetBytes(string.Concat(parts));

    // Well-formed more often than not, so that it gets past the parser: the wrong thing in the right place.
    private static List<string> Bend(Random random, List<string> parts)
    {
        List<string> bent = [.. parts];
        for (var left = random.Next(1, 4); left > 0; left--)
        {
            // Mostly behind the log-in, for that is where the modules are.
            var at = random.Next(4) == 0 ? random.Next(bent.Count) : Math.Min(bent.Count - 1, 4 + random.Next(bent.Count));
            switch (random.Next(8))
            {
                case 0:
                    bent.Insert(random.Next(bent.Count + 1), bent[at]);
                    break;
                case 1:
                    bent.RemoveAt(at);
                    break;
                case 2:
                    (bent[at], bent[^1]) = (bent[^1], bent[at]);
                    break;
                case 3:
                    bent[at] = bent[at].Insert(Boundary(random, bent[at], '>'), s_pieces[random.Next(s_pieces.Length)]);
                    break;
                case 4:
                    bent[at] = bent[at].Insert(Boundary(random, bent[at], '\''), s_pieces[random.Next(s_pieces.Length)]);
                    break;
                default:
                    bent[at] = ReplaceValue(random, bent[at]);
                    break;
            }

            if (bent.Count == 0)
            {
                break;
            }
        }

        return bent;
    }

    private static int Boundary(Random random, string text, char after)
    {
        var from = text.Length == 0 ? -1 : text.IndexOf(after, random.Next(text.Length));
        return from < 0 ? text.Length : from + 1;
    }

    private static string ReplaceValue(Random random, string text)
    {
        var quotes = new List<int>();
        for (var i = text.IndexOf('\''); i >= 0; i = text.IndexOf('\'', i + 1))
        {
            quotes.Add(i);
        }

        if (quotes.Count < 2)
        {
            return text + s_pieces[random.Next(s_pieces.Length)];
        }

        var pick = random.Next(quotes.Count / 2) * 2;
        var value = random.Next(40) == 0 ? new string('x', random.Next(1, 5000)) : s_values[random.Next(s_values.Length)];
        return string.Concat(text.AsSpan(0, quotes[pick] + 1), value.Replace("'", "&apos;", StringComparison.Ordinal), text.AsSpan(quotes[pick + 1]));
    }

    private static byte[] Flip(Random random, byte[] bytes)
    {
        for (var left = random.Next(1, 5); left > 0 && bytes.Length > 0; left--)
        {
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        }

        return bytes;
    }

    private static byte[] Truncate(Random random, byte[] bytes) => bytes[..random.Next(bytes.Length + 1)];

    private static byte[] BadUtf8(Random random, byte[] bytes)
    {
        byte[][] bad = [[0xFF], [0xFE], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0x80], [0xE2, 0x82], [0xEF, 0xBF, 0xBE]];
        List<byte> all = [.. bytes];
        all.InsertRange(random.Next(all.Count + 1), bad[random.Next(bad.Length)]);
        return [.. all];
    }

    // What a man in the middle puts behind <starttls/>: a log-in, a stanza, or rubbish.
    private static byte[] Behind(Random random, List<string> parts) =>
        random.Next(3) == 0 ? [0, 1, 2, 3] : Utf8(parts.Skip(random.Next(parts.Count)).Take(3));

    private static byte[] Insert(Random random, List<string> parts, string text) => Utf8([.. parts[..random.Next(parts.Count + 1)], text]);

    private static string Bomb(Random random)
    {
        var bomb = new StringBuilder("<?xml version='1.0'?><!DOCTYPE a [<!ENTITY e0 'xxxxxxxxxx'>");
        for (var i = 1; i < 10; i++)
        {
            bomb.Append($"<!ENTITY e{i} '&e{i - 1};&e{i - 1};&e{i - 1};&e{i - 1};&e{i - 1};&e{i - 1};&e{i - 1};&e{i - 1};'>");
        }

        bomb.Append("]><message><body>&e9;</body></message>");
        return random.Next(2) == 0 ? bomb.ToString() : "<message><body>" + string.Concat(Enumerable.Repeat("&amp;&#x41;", random.Next(1, 5000))) + "&e9;</body></message>";
    }

    private static string Oversized(Random random) => random.Next(6) switch
    {
        0 => $"<message><body>{new string('x', 300_000)}</body></message>",
        1 => $"<message id='{new string('x', 300_000)}'/>",
        2 => $"<{new string('x', 300_000)}/>",
        3 => "<message>" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"<a{i}/>")) + "</message>",
        4 => "<message " + string.Concat(Enumerable.Range(0, 5_000).Select(i => $" a{i}='b'")) + "/>",
        _ => "<message " + string.Concat(Enumerable.Range(0, 2_000).Select(i => $" xmlns:a{i}='urn:x:{i}'")) + "/>",
    };

    private static string Nested(Random random) => random.Next(3) switch
    {
        0 => string.Concat(Enumerable.Repeat("<a>", Deep)),
        1 => "<message>" + string.Concat(Enumerable.Repeat("<a>", Deep)) + string.Concat(Enumerable.Repeat("</a>", Deep)) + "</message>",
        _ => string.Concat(Enumerable.Range(0, Deep / 10).Select(i => $"<a xmlns='u:{i}'>")),
    };
}
