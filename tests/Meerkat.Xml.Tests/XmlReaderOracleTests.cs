using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using CsCheck;
using Meerkat.Xml.Fuzz;
using Xunit;

namespace Meerkat.Xml.Tests;

/// <summary>The framework's reader and ours accept the same documents and read the same trees out of them, but for the differences listed here.</summary>
public sealed partial class XmlReaderOracleTests
{
    private const int Cases = 300_000;

    private static readonly XmlLimits Limits = new() { MaxElementBytes = 1 << 20, MaxDepth = 1_000, MaxAttributes = 1_000, MaxNameBytes = 10_000 };

    private static readonly Difference[] Differences =
    [
        new("comments and processing instructions are refused (RFC 6120 §11.1)", c => c.Fault is XmlFault.Restricted && c.Oracle.SawRestricted),
        new("encodings other than UTF-8 are refused (RFC 6120 §11.6)", c => c.Fault is XmlFault.BadEncoding && c.Text.StartsWith("<?xml", StringComparison.Ordinal) && c.Text.Contains("encoding", StringComparison.Ordinal)),
        new("a byte order mark is a character like others (RFC 6120 §11.6)", c => c.Fault is not null && c.Text.StartsWith('\ufeff')),
        new("an element's prefix is never xmlns (Namespaces in XML 1.0 §3), which the framework lets pass", c => c.Fault is XmlFault.NotWellFormed && c.Text.Contains("<xmlns:", StringComparison.Ordinal)),
        new("a version is 1.0 and nothing more (XML 1.0 §2.8), of which the framework reads the beginning", c => c.Fault is XmlFault.NotWellFormed && OverlongVersion().IsMatch(c.Text)),
        new("a UTF-8 sequence that the end of the document cuts is not UTF-8; the framework drops it", c => c.Fault is not null && EndsInTheMiddle(c.Document)),
        new("names follow the fifth edition of XML 1.0, the framework's the fourth", c => c.Fault is null && Names(c.Ours).Concat(DeclaredPrefixes(c.Text)).Any(n => !IsFourthEditionName(n))),
    ];

    [Fact]
    public void The_framework_s_reader_agrees()
    {
        var accepted = 0;
        var seen = new HashSet<string>();
        Gen.Byte.Array[0, 140].Sample(
            choices =>
            {
                var difference = Compare(DocumentGenerator.Make(choices), out var isAccepted);
                lock (seen)
                {
                    accepted += isAccepted ? 1 : 0;
                    if (difference is not null)
                    {
                        seen.Add(difference.Name);
                    }
                }
            },
            iter: Cases,
            threads: 1,
            print: choices => Encoding.UTF8.GetString(DocumentGenerator.Make(choices)) + "\n" + Convert.ToHexString(DocumentGenerator.Make(choices)));

        // The generator makes enough of both kinds, and no row of the list is idle.
        Assert.InRange(accepted, Cases / 5, Cases * 4 / 5);
        Assert.Equal(Differences.Select(d => d.Name).Order(), seen.Order());
    }

    [Fact]
    public void A_generated_document_in_a_stream_is_read_the_same_in_any_chunks()
    {
        var header = "<s:s xmlns:s='s' xmlns='jabber:client' xmlns:p='outer'>"u8.ToArray();
        Gen.Byte.Array[0, 100].Sample(
            choices => StreamInvariants.Check([.. header, .. DocumentGenerator.Make(choices)], Limits),
            iter: 5_000,
            threads: 1,
            print: choices => Encoding.UTF8.GetString(DocumentGenerator.Make(choices)));
    }

    private static Difference? Compare(byte[] document, out bool isAccepted)
    {
        XmlElement ours = default;
        XmlFault? fault = null;
        try
        {
            ours = XmlElement.Parse(document, "", Limits);
        }
        catch (XmlFormatException refused)
        {
            fault = refused.Fault;
        }

        isAccepted = fault is null;
        var oracle = XmlReaderOracle.Read(document);
        if (isAccepted != oracle.Tree is not null)
        {
            var found = new Case(document, Encoding.UTF8.GetString(document), ours, fault, oracle);
            return Differences.FirstOrDefault(d => d.Applies(found)) ?? throw new InvalidOperationException($"ours: {(isAccepted ? "accepted" : fault)}; the framework's: {oracle.Tree ?? "refused"}");
        }

        if (isAccepted)
        {
            Same(oracle.Tree, XmlReaderOracle.Describe(ours), "read");
            var child = ours.Children is { Count: > 0 } children ? children[children.Count / 2] : ours;
            Same(XmlReaderOracle.Describe(child), XmlReaderOracle.Read(child.ToUtf8()).Tree, "written");
        }

        return null;
    }

    private static bool EndsInTheMiddle(ReadOnlySpan<byte> utf8)
    {
        var tail = utf8[Math.Max(0, utf8.Length - 3)..];
        var lead = tail.LastIndexOfAnyInRange((byte)0xC2, (byte)0xF4);
        return lead >= 0 && Rune.DecodeFromUtf8(tail[lead..], out _, out _) is OperationStatus.NeedMoreData;
    }

    [GeneratedRegex("""^<\?xml\s+version\s*=\s*(['"])1\.0.+?\1""")]
    private static partial Regex OverlongVersion();

    private static void Same(string? expected, string? actual, string how)
    {
        if (expected != actual)
        {
            throw new InvalidOperationException($"{how}\n{expected}\n{actual}");
        }
    }

    private static IEnumerable<string> Names(XmlElement element) =>
        [.. PartsOf(element.Raw[1..]), .. element.Attributes.SelectMany(a => PartsOf(a.RawName)), .. element.Children.SelectMany(Names)];

    // An element's attributes are without its namespace declarations.
    private static IEnumerable<string> DeclaredPrefixes(string text) => Declaration().Matches(text).Select(m => m.Groups[1].Value);

    [GeneratedRegex("""\bxmlns:([^\s=]+)\s*=""")]
    private static partial Regex Declaration();

    private static string[] PartsOf(ReadOnlySpan<byte> raw) => Encoding.UTF8.GetString(raw).Split(' ', '\t', '\r', '\n', '/', '>', '=')[0].Split(':');

    private static bool IsFourthEditionName(string name)
    {
        try
        {
            XmlConvert.VerifyNCName(name);
            return true;
        }
        catch (XmlException)
        {
            return false;
        }
    }

    private sealed record Case(byte[] Document, string Text, XmlElement Ours, XmlFault? Fault, XmlReaderOracle Oracle);

    private sealed record Difference(string Name, Func<Case, bool> Applies);
}
