using CsCheck;
using Xunit;

namespace Meerkat.Xmpp.Tests.DateTimes;

/// <summary>XEP-0082 §3.</summary>
public sealed class XmppDateTimeTests
{
    [Theory]
    [InlineData("1969-07-21T02:56:15Z", 0, "1969-07-21T02:56:15Z")]
    [InlineData("1969-07-20T21:56:15-05:00", -300, "1969-07-21T02:56:15Z")]
    [InlineData(" 2002-09-10T23:08:25.5Z\n", 0, "2002-09-10T23:08:25.5Z")]
    [InlineData("2002-09-10T23:08:25.000Z", 0, "2002-09-10T23:08:25Z")]
    [InlineData("2002-09-10T23:08:25.1234567891234Z", 0, "2002-09-10T23:08:25.123456Z")]
    [InlineData("2000-02-29T00:00:00+14:00", 840, "2000-02-28T10:00:00Z")]
    [InlineData("0001-01-01T00:00:00Z", 0, "0001-01-01T00:00:00Z")]
    public void An_instant_is_read_and_written_in_UTC(string text, int offsetMinutes, string utc)
    {
        Assert.True(XmppDateTime.TryParse(text, out var instant));
        Assert.Equal(TimeSpan.FromMinutes(offsetMinutes), instant.Offset);
        Assert.Equal(utc, XmppDateTime.Format(instant));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1969-07-21T02:56:15")] // §3.2: the time zone is mandatory
    [InlineData("1969-07-21 02:56:15Z")]
    [InlineData("1969-07-21t02:56:15z")]
    [InlineData("19690721T02:56:15")] // XEP-0091's
    [InlineData("1969-7-21T02:56:15Z")]
    [InlineData("1969-07-21T2:56:15Z")]
    [InlineData("1969-02-29T02:56:15Z")]
    [InlineData("1969-07-21T24:00:00Z")]
    [InlineData("1969-07-21T02:60:15Z")]
    [InlineData("1969-07-21T02:56:60Z")]
    [InlineData("1969-07-21T02:56:15.Z")]
    [InlineData("1969-07-21T02:56:15,5Z")]
    [InlineData("1969-07-21T02:56:15+5:00")]
    [InlineData("1969-07-21T02:56:15+14:01")]
    [InlineData("1969-07-21T02:56:15+00:60")]
    [InlineData("1969-07-21T02:56:15+0000")]
    [InlineData("1969-07-21T02:56:15Zx")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("9999-12-31T23:59:59-01:00")]
    [InlineData("\u0661969-07-21T02:56:15Z")]
    public void What_is_no_instant_is_refused(string? text) => Assert.False(XmppDateTime.TryParse(text, out _));

    [Fact]
    public void Every_instant_is_read_back_to_the_digits_that_were_written() =>
        Gen.Select(Gen.Long[0, DateTime.MaxValue.Ticks], Gen.Int[0, 7]).Sample((ticks, digits) =>
        {
            var unit = (long)Math.Pow(10, 7 - digits);
            var instant = new DateTimeOffset(ticks - (ticks % unit), TimeSpan.Zero);
            Assert.True(XmppDateTime.TryParse(XmppDateTime.Format(new DateTimeOffset(ticks, TimeSpan.Zero), digits), out var read));
            Assert.Equal(instant, read);
        });

    [Fact]
    public void Dates_times_and_offsets_are_read_and_written()
    {
        Assert.True(XmppDateTime.TryParseDate("1776-07-04", out var date));
        Assert.Equal("1776-07-04", XmppDateTime.FormatDate(date));
        Assert.False(XmppDateTime.TryParseDate("1776-07-04Z", out _));
        Assert.True(XmppDateTime.TryParseTime("16:00:00", out var time, out var none));
        Assert.Equal((new TimeOnly(16, 0), null), (time, none));
        Assert.True(XmppDateTime.TryParseTime("16:00:00.25+07:00", out time, out var seven));
        Assert.Equal((new TimeOnly(16, 0, 0, 250), (TimeSpan?)TimeSpan.FromHours(7)), (time, seven));
        Assert.False(XmppDateTime.TryParseTime("16:00", out _, out _));
        Assert.False(XmppDateTime.TryParseTime("16:00:00 ", out _, out _) && XmppDateTime.TryParseTime("16:00:00x", out _, out _));
        foreach (var offset in new[] { "+00:00", "-05:30", "+14:00" })
        {
            Assert.True(XmppDateTime.TryParseOffset(offset, out var span));
            Assert.Equal(offset, XmppDateTime.FormatOffset(span));
        }

        Assert.True(XmppDateTime.TryParseOffset("Z", out var zero));
        Assert.Equal(TimeSpan.Zero, zero);
    }
}
