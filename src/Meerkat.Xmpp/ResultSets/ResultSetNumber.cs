using System.Globalization;

namespace Meerkat.Xmpp;

/// <summary>The numbers of XEP-0059: not negative, of any length.</summary>
internal static class ResultSetNumber
{
    /// <summary>Null text is null; digits that do not fit an <see cref="int"/> are its largest value; anything else is false.</summary>
    public static bool TryRead(string? text, out int? number)
    {
        number = null;
        if (text is null)
        {
            return true;
        }

        var digits = text.AsSpan().Trim(" \t\r\n");
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        number = int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : int.MaxValue;
        return true;
    }
}
