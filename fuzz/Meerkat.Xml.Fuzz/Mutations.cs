using System.Text;

namespace Meerkat.Xml.Fuzz;

/// <summary>A plain mutating run for where there is no fuzzer: bounded, and repeatable by its seed.</summary>
internal static class Mutations
{
    private static readonly byte[][] Words = [.. new[]
    {
        "<", ">", "/>", "</", "&", ";", "'", "\"", "=", " ", "\r\n", "]]>", "<![CDATA[", "<!--", "<?xml version='1.0'?>", "<!DOCTYPE a>", "&#x41;", "&#0;", "&amp;", "&e;",
        " xmlns='a'", " xmlns:p='b'", " xmlns:p=''", "p:", ":", "xml:lang='x'", "<a>", "</a>", "<a/>", "\uFFFE", "\u00e4", "</stream:stream>", "<stream:stream>", "\0",
    }.Select(Encoding.UTF8.GetBytes)];

    internal static int Run(IEnumerable<string> files, int count, int seed, XmlLimits limits)
    {
        var corpus = files.Select(File.ReadAllBytes).ToArray();
        var random = new Random(seed);
        var refused = 0;
        for (var i = 0; i < count; i++)
        {
            var stream = Mutate(random, corpus);
            try
            {
                refused += StreamInvariants.Check(stream, limits).Fault is null ? 0 : 1;
            }
            catch (Exception e)
            {
                Console.Error.WriteLine($"seed {seed}, case {i}: {e}\n{Convert.ToBase64String(stream)}\n{Encoding.UTF8.GetString(stream)}");
                return 1;
            }
        }

        Console.WriteLine($"{count} mutated streams from seed {seed}, {refused} refused, no violation");
        return 0;
    }

    private static byte[] Mutate(Random random, byte[][] corpus)
    {
        List<byte> stream = [.. corpus[random.Next(corpus.Length)]];
        for (var left = random.Next(1, 6); left > 0; left--)
        {
            var at = random.Next(stream.Count + 1);
            var length = Math.Min(random.Next(1, 20), stream.Count - at);
            switch (random.Next(6))
            {
                case 0:
                    stream.RemoveRange(at, length);
                    break;
                case 1:
                    stream.InsertRange(at, Words[random.Next(Words.Length)]);
                    break;
                case 2 when at < stream.Count:
                    stream[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 3:
                    stream.InsertRange(random.Next(stream.Count + 1), stream.GetRange(at, length));
                    break;
                case 4:
                    stream.RemoveRange(at, stream.Count - at);
                    break;
                default:
                    var other = corpus[random.Next(corpus.Length)];
                    var from = random.Next(other.Length);
                    stream.InsertRange(at, other.AsSpan(from, Math.Min(random.Next(1, 60), other.Length - from)));
                    break;
            }
        }

        return [.. stream];
    }
}
