using Meerkat.Xml.Fuzz;
using Xunit;

namespace Meerkat.Xml.Tests;

/// <summary>The corpus of the fuzz target: streams whose names begin with <c>bad-</c> are refused, the others are not.</summary>
public sealed class XmlCorpusTests
{
    private static readonly XmlLimits Limits = new() { MaxElementBytes = 4_096, MaxDepth = 16, MaxAttributes = 16, MaxNameBytes = 64 };

    public static TheoryData<string> Streams => [.. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "corpus")).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_cut_at_any_byte_does_not_matter(string name)
    {
        var stream = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "corpus", name));

        var outcome = StreamInvariants.CheckEveryCut(stream, Limits);

        Assert.Equal(name.StartsWith("bad-", StringComparison.Ordinal), outcome.Fault is not null);
    }

    [Fact]
    public void The_corpus_is_there() => Assert.True(Streams.Count >= 50);
}
