using System.Text;
using Meerkat.Xmpp.Tests.Oracles;
using Xunit;

namespace Meerkat.Xmpp.Tests.Stringprep;

/// <summary>RFC 3454, 3491, 4013 and 6122 appendices A and B, against Python's tables and against libidn's program.</summary>
public sealed class StringprepOracleTests
{
    /// <summary>Characters in whose company single code points meet composition, reordering and the rules of direction.</summary>
    private static readonly string[] Company = ["a{0}", "{0}\u0301", "\u0323{0}\u0327", "e\u0301{0}\u0323", "\u05D0{0}\u05D1", "{0}\u05D0", "\u1100{0}\u11A8"];

    [Fact]
    public void Every_assigned_code_point_is_prepared_as_Python_does()
    {
        var assigned = Oracle.Assigned();
        Assert.Equal(95_221 + 137_468 + 66, assigned.Length); // Unicode 3.2: characters, private use, noncharacters
        Compare([.. assigned.Select(one => one.Text)], [.. assigned.Select(one => one.Answers)]);
    }

    [Fact]
    public void Code_points_in_company_are_prepared_as_Python_does()
    {
        var texts = InCompany();
        Compare(texts, Oracle.Prepare(texts));
    }

    [Fact]
    public void Random_text_is_prepared_as_Python_does()
    {
        var texts = RandomTexts(10_000);
        Compare(texts, Oracle.Prepare(texts));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Idn_agrees_on_what_passes(int profile)
    {
        var (name, prepare) = Oracle.Profiles[profile];
        string[] texts = [.. Alone().Concat(InCompany().Where((_, i) => i % 2 == 0)).Concat(RandomTexts(5_000)).Where(IsOneLine)];
        var passed = new List<(string Text, string Prepared)>();
        foreach (var text in texts)
        {
            if (prepare(text, out var prepared))
            {
                passed.Add((text, prepared!));
            }
        }

        var (succeeded, lines) = Oracle.Run("idn", ["--quiet", "--stringprep", "--profile=" + name], passed.Select(one => one.Text));
        for (var i = 0; i < Math.Min(passed.Count, lines.Length); i++)
        {
            Assert.True(passed[i].Prepared == lines[i], $"{name} of {Show(passed[i].Text)}: {Show(passed[i].Prepared)}, idn says {Show(lines[i])}");
        }

        Assert.True(succeeded, lines.Length < passed.Count ? $"idn refuses {Show(passed[lines.Length].Text)}, which {name} let pass." : "idn failed.");
        Assert.Equal(passed.Count, lines.Length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Idn_agrees_on_what_is_refused(int profile)
    {
        // The program stops at what it refuses, so each takes a process of its own: the ends of every run of refused code points do.
        var (name, prepare) = Oracle.Profiles[profile];
        var scalars = Assigned;
        var refused = scalars.Select(text => !prepare(text, out _)).ToArray();
        var asked = 0;
        for (var i = 0; i < scalars.Length; i++)
        {
            var isEnd = i == 0 || i == scalars.Length - 1 || !refused[i - 1] || !refused[i + 1];
            if (refused[i] && isEnd && IsOneLine(scalars[i]))
            {
                asked++;
                var (succeeded, _) = Oracle.Run("idn", ["--quiet", "--stringprep", "--profile=" + name], [scalars[i]]);
                Assert.False(succeeded, $"{name} refuses {Show(scalars[i])}, idn lets it pass.");
            }
        }

        Assert.True(asked > 20);
    }

    private static void Compare(string[] texts, string?[][] answers)
    {
        for (var i = 0; i < texts.Length; i++)
        {
            for (var p = 0; p < answers[i].Length; p++)
            {
                var (name, prepare) = Oracle.Profiles[p];
                var expected = answers[i][p];
                var actual = prepare(texts[i], out var prepared) ? prepared : null;
                Assert.True(actual == expected, $"{name} of {Show(texts[i])}: {Show(actual)}, expected {Show(expected)}");
            }
        }
    }

    /// <summary>Every assigned code point: the ideographs, syllables and characters for private use by the line, as they do not change each other.</summary>
    private static IEnumerable<string> Alone()
    {
        var isInteresting = Assigned.ToLookup(text => IsInteresting(Rune.GetRuneAt(text, 0).Value));
        var lines = isInteresting[false].GroupBy(text => Xmpp.Stringprep.TryResourceprep(text, out _)).SelectMany(group => group.Chunk(32));
        return isInteresting[true].Concat(lines.Select(chunk => string.Concat(chunk)));
    }

    private static string[] InCompany()
    {
        var scalars = Assigned.Where(text => IsInteresting(Rune.GetRuneAt(text, 0).Value)).ToArray();
        return [.. scalars.SelectMany(text => Company.Select(company => string.Format(company, text)))];
    }

    /// <summary>Text made of characters that fold, decompose, combine, vanish or run from right to left.</summary>
    private static string[] RandomTexts(int count)
    {
        var random = new Random(3454);
        var scalars = Assigned.Where(text => IsInteresting(Rune.GetRuneAt(text, 0).Value)).ToArray();
        string[] marks = [.. scalars.Where(text => Rune.GetRuneAt(text, 0).Value is (>= 0x300 and < 0x370) or (>= 0x591 and < 0x5C5) or (>= 0x64B and < 0x656))];
        var texts = new string[count];
        for (var i = 0; i < count; i++)
        {
            var text = new StringBuilder();
            for (var length = random.Next(1, 12); length > 0; length--)
            {
                text.Append(random.Next(3) switch
                {
                    0 => marks[random.Next(marks.Length)],
                    1 => ((char)random.Next(0x61, 0x250)).ToString(),
                    _ => scalars[random.Next(scalars.Length)],
                });
            }

            texts[i] = text.ToString();
        }

        return texts;
    }

    /// <summary>Not the unassigned: their later properties shine through in Python's normalisation, though they are class 0 in Unicode 3.2.</summary>
    private static readonly string[] Assigned = [.. AllScalars().Where(text =>
        Xmpp.Stringprep.TryResourceprep(text, out _) == Xmpp.Stringprep.TryResourceprep(text, out _, allowUnassigned: false))];

    private static IEnumerable<string> AllScalars() =>
        Enumerable.Range(0, 0x110000).Where(Rune.IsValid).Select(codePoint => new Rune(codePoint).ToString());

    /// <summary>Neither an ideograph, nor for private use, nor one of the empty planes; of the Hangul syllables every 37th.</summary>
    private static bool IsInteresting(int codePoint) => codePoint switch
    {
        < 0x3400 => true,
        >= 0xAC00 and < 0xD7A4 => codePoint % 37 == 0,
        >= 0xF900 and < 0x10800 => true,
        >= 0x1D000 and < 0x1D800 => true,
        >= 0x2F800 and < 0x2FA20 => true,
        >= 0xE0000 and < 0xE0080 => true,
        _ => false,
    };

    private static bool IsOneLine(string text) => !text.Contains('\0') && !text.Contains('\n') && !text.Contains('\r');

    private static string Show(string? text) =>
        text is null ? "refused" : string.Join(' ', text.EnumerateRunes().Select(rune => $"U+{rune.Value:X4}"));
}
