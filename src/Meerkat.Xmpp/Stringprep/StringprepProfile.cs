using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Meerkat.Xmpp;

/// <summary>One profile of stringprep: map, normalise, prohibit, check direction (RFC 3454 §2), in that order.</summary>
internal sealed class StringprepProfile
{
    private const CharacterFlags AllControls = CharacterFlags.AsciiControl | CharacterFlags.Prohibited;
    private const string LettersAndDigits = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const string Capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string NodePunctuation = "!#$%()*+,-.;=?[\\]^_`{|}~";
    private const string Punctuation = " \"&'/:<>@" + NodePunctuation;

    /// <summary>RFC 6122 appendix A.</summary>
    public static readonly StringprepProfile Nodeprep = new(
        CharacterFlags.AsciiSpace | CharacterFlags.NonAsciiSpace | AllControls | CharacterFlags.NodeDelimiter,
        LettersAndDigits + NodePunctuation,
        foldCase: true);

    /// <summary>RFC 3491. ASCII spaces and controls pass: whether a name may hold them is for its owner (RFC 3490 §4.1 step 3).</summary>
    public static readonly StringprepProfile Nameprep = new(
        CharacterFlags.NonAsciiSpace | CharacterFlags.Prohibited,
        LettersAndDigits + Punctuation,
        foldCase: true);

    /// <summary>RFC 6122 appendix B.</summary>
    public static readonly StringprepProfile Resourceprep = new(
        CharacterFlags.NonAsciiSpace | AllControls,
        LettersAndDigits + Capitals + Punctuation);

    /// <summary>RFC 4013.</summary>
    public static readonly StringprepProfile Saslprep = new(
        CharacterFlags.NonAsciiSpace | AllControls,
        LettersAndDigits + Capitals + Punctuation,
        mapSpaces: true);

    private readonly CharacterFlags _prohibited;
    private readonly SearchValues<char> _preparedChars;
    private readonly SearchValues<byte> _preparedBytes;
    private readonly bool _foldCase;
    private readonly bool _mapSpaces;

    private StringprepProfile(CharacterFlags prohibited, string preparedAscii, bool foldCase = false, bool mapSpaces = false)
    {
        _prohibited = prohibited;
        _foldCase = foldCase;
        _mapSpaces = mapSpaces;
        _preparedChars = SearchValues.Create(preparedAscii);
        _preparedBytes = SearchValues.Create(Encoding.ASCII.GetBytes(preparedAscii));
    }

    /// <summary>Whether the text is ASCII that preparation would leave as it is. False says nothing about other text.</summary>
    public bool IsPreparedAscii(ReadOnlySpan<byte> utf8) => !utf8.ContainsAnyExcept(_preparedBytes);

    /// <inheritdoc cref="IsPreparedAscii(ReadOnlySpan{byte})"/>
    public bool IsPreparedAscii(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(_preparedChars);

    public bool TryPrepare(string text, bool allowUnassigned, [NotNullWhen(true)] out string? prepared)
    {
        if (IsPreparedAscii(text))
        {
            prepared = text;
            return true;
        }

        prepared = null;
        var refused = allowUnassigned ? _prohibited : _prohibited | CharacterFlags.Unassigned;
        if (!TryMap(text, out var codePoints))
        {
            return false;
        }

        UnicodeNormalizer.OrderAndCompose(codePoints);
        if (!IsAllowed(codePoints, refused))
        {
            return false;
        }

        prepared = UnicodeNormalizer.ToText(codePoints);
        if (prepared == text)
        {
            prepared = text;
        }

        return true;
    }

    /// <summary>RFC 3454 §3, with decomposition done on the way; false for an unpaired surrogate (table C.5).</summary>
    private bool TryMap(string text, out List<int> mapped)
    {
        mapped = new List<int>(text.Length);
        for (var i = 0; i < text.Length;)
        {
            if (Rune.DecodeFromUtf16(text.AsSpan(i), out var rune, out var units) is not OperationStatus.Done)
            {
                return false;
            }

            i += units;
            MapOne(rune.Value, mapped);
        }

        return true;
    }

    private void MapOne(int codePoint, List<int> to)
    {
        if (codePoint < 0x80)
        {
            to.Add(_foldCase && char.IsAsciiLetterUpper((char)codePoint) ? codePoint | 0x20 : codePoint);
            return;
        }

        var flags = StringprepTables.FlagsOf(codePoint);
        if (_mapSpaces && (flags & CharacterFlags.NonAsciiSpace) != 0)
        {
            to.Add(' '); // RFC 4013 §2.1; U+200B is in both tables, and libidn makes it a space too
        }
        else if ((flags & CharacterFlags.MappedToNothing) != 0)
        {
            return;
        }
        else if (_foldCase && StringprepTables.TryFold(codePoint, out var folded))
        {
            foreach (var rune in folded.EnumerateRunes())
            {
                UnicodeNormalizer.Decompose(rune.Value, to);
            }
        }
        else
        {
            UnicodeNormalizer.Decompose(codePoint, to);
        }
    }

    /// <summary>RFC 3454 §§5 to 7.</summary>
    private static bool IsAllowed(List<int> codePoints, CharacterFlags refused)
    {
        var all = CharacterFlags.None;
        foreach (var codePoint in codePoints)
        {
            all |= StringprepTables.FlagsOf(codePoint);
        }

        if ((all & refused) != 0)
        {
            return false;
        }

        // §6: with one right-to-left character, none may be left-to-right, and the first and the last must be right-to-left.
        return (all & CharacterFlags.RandAL) == 0
            || ((all & CharacterFlags.L) == 0 && IsRandAL(codePoints[0]) && IsRandAL(codePoints[^1]));
    }

    private static bool IsRandAL(int codePoint) => (StringprepTables.FlagsOf(codePoint) & CharacterFlags.RandAL) != 0;
}
