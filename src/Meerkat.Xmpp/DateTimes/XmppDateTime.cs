using System.Globalization;

namespace Meerkat.Xmpp;

/// <summary>Dates and times as XMPP writes them (XEP-0082 v1.1.1). Pure and thread-safe.</summary>
/// <remarks>
/// Reading is exact: separators, four-digit years, two-digit everything else, white space around the value apart (XML Schema collapses it).
/// Any number of fraction digits is read, what is finer than 100 ns is cut off. Leap seconds and <c>24:00:00</c> are refused (the XEP counts to 59 and 23).
/// </remarks>
public static class XmppDateTime
{
    private const int MaxFractionDigits = 7;
    private const int DateLength = 10; // CCYY-MM-DD
    private const int TimeLength = 8; // hh:mm:ss

    /// <summary>The DateTime profile in UTC, such as <c>2002-09-10T23:08:25Z</c>.</summary>
    /// <param name="instant">Any offset; converted to UTC.</param>
    /// <param name="fractionDigits">At most so many digits of a second's fraction, 0 to 7; trailing zeros are left out, and the rest is cut, not rounded.</param>
    public static string Format(DateTimeOffset instant, int fractionDigits = 6) =>
        instant.UtcDateTime.ToString(fractionDigits == 0 ? "yyyy-MM-ddTHH:mm:ss" : "yyyy-MM-ddTHH:mm:ss." + new string('F', fractionDigits), CultureInfo.InvariantCulture) + "Z";

    /// <summary>The Date profile, such as <c>1776-07-04</c>.</summary>
    public static string FormatDate(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>An offset from UTC as in <c>+02:00</c>; zero is <c>+00:00</c>, since XEP-0202 §3 wants digits.</summary>
    /// <param name="offset">Whole minutes; what is finer is cut.</param>
    public static string FormatOffset(TimeSpan offset) =>
        (offset < TimeSpan.Zero ? "-" : "+") + offset.ToString("hh\\:mm", CultureInfo.InvariantCulture);

    /// <summary>Reads the DateTime profile; the time zone must be there.</summary>
    /// <param name="text">Null is no date.</param>
    /// <param name="instant">The instant, with the offset that was written.</param>
    public static bool TryParse(string? text, out DateTimeOffset instant)
    {
        instant = default;
        var rest = Trimmed(text);
        if (!TryTakeDate(ref rest, out var date)
            || !TryTake(ref rest, 'T')
            || !TryTakeTime(ref rest, out var time)
            || !TryTakeOffset(ref rest, out var offset)
            || !rest.IsEmpty)
        {
            return false;
        }

        var local = date.ToDateTime(time);
        if (local.Ticks - offset.Ticks < DateTime.MinValue.Ticks || local.Ticks - offset.Ticks > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        instant = new DateTimeOffset(local, offset);
        return true;
    }

    /// <summary>Reads the Date profile.</summary>
    /// <param name="text">Null is no date.</param>
    /// <param name="date">The date.</param>
    public static bool TryParseDate(string? text, out DateOnly date)
    {
        var rest = Trimmed(text);
        return TryTakeDate(ref rest, out date) && rest.IsEmpty;
    }

    /// <summary>Reads the Time profile, in which the time zone may be missing.</summary>
    /// <param name="text">Null is no time.</param>
    /// <param name="time">The time of day as written.</param>
    /// <param name="offset">The offset from UTC, or null when none is written.</param>
    public static bool TryParseTime(string? text, out TimeOnly time, out TimeSpan? offset)
    {
        offset = null;
        var rest = Trimmed(text);
        if (!TryTakeTime(ref rest, out time))
        {
            return false;
        }

        if (rest.IsEmpty)
        {
            return true;
        }

        if (!TryTakeOffset(ref rest, out var written) || !rest.IsEmpty)
        {
            return false;
        }

        offset = written;
        return true;
    }

    /// <summary>Reads an offset from UTC: <c>Z</c>, or hours and minutes with a sign.</summary>
    /// <param name="text">Null is no offset.</param>
    /// <param name="offset">Within 14 hours to either side (XML Schema part 2 §3.2.7.3).</param>
    public static bool TryParseOffset(string? text, out TimeSpan offset)
    {
        var rest = Trimmed(text);
        return TryTakeOffset(ref rest, out offset) && rest.IsEmpty;
    }

    private static ReadOnlySpan<char> Trimmed(string? text) => text.AsSpan().Trim(" \t\r\n");

    private static bool TryTakeDate(ref ReadOnlySpan<char> rest, out DateOnly date)
    {
        date = default;
        if (rest.Length < DateLength || !DateOnly.TryParseExact(rest[..DateLength], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date))
        {
            return false;
        }

        rest = rest[DateLength..];
        return true;
    }

    private static bool TryTakeTime(ref ReadOnlySpan<char> rest, out TimeOnly time)
    {
        time = default;
        if (rest.Length < TimeLength || !TimeOnly.TryParseExact(rest[..TimeLength], "HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out time))
        {
            return false;
        }

        rest = rest[TimeLength..];
        if (!TryTake(ref rest, '.'))
        {
            return true;
        }

        var digits = rest.IndexOfAnyExceptInRange('0', '9');
        digits = digits < 0 ? rest.Length : digits;
        if (digits == 0)
        {
            return false;
        }

        var ticks = 0L;
        for (var i = 0; i < MaxFractionDigits; i++)
        {
            ticks = (ticks * 10) + (i < digits ? rest[i] - '0' : 0);
        }

        time = time.Add(TimeSpan.FromTicks(ticks));
        rest = rest[digits..];
        return true;
    }

    private static bool TryTakeOffset(ref ReadOnlySpan<char> rest, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (TryTake(ref rest, 'Z'))
        {
            return true;
        }

        if (rest.Length < 6
            || rest[0] is not ('+' or '-')
            || !TimeSpan.TryParseExact(rest[1..6], "hh\\:mm", CultureInfo.InvariantCulture, out var size)
            || size > TimeSpan.FromHours(14))
        {
            return false;
        }

        offset = rest[0] == '-' ? -size : size;
        rest = rest[6..];
        return true;
    }

    private static bool TryTake(ref ReadOnlySpan<char> rest, char expected)
    {
        if (rest.IsEmpty || rest[0] != expected)
        {
            return false;
        }

        rest = rest[1..];
        return true;
    }
}
