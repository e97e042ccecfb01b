using Meerkat.Xml;
using Xunit;

namespace Meerkat.Xmpp.Tests.ResultSets;

/// <summary>XEP-0059.</summary>
public sealed class ResultSetTests
{
    private static readonly string[] All = ["a", "b", "c", "d", "e"];

    [Theory]
    [InlineData("<max>10</max>", 10, null, null, null)]
    [InlineData("<max>0</max>", 0, null, null, null)]
    [InlineData("<max>10</max><after>x</after>", 10, "x", null, null)]
    [InlineData("<max> 10 </max><before/>", 10, null, "", null)]
    [InlineData("<before>x</before>", null, null, "x", null)]
    [InlineData("<max>10</max><index>371</index>", 10, null, null, 371)]
    [InlineData("<max>99999999999</max>", int.MaxValue, null, null, null)]
    [InlineData("", null, null, null, null)]
    public void A_request_is_read(string inner, int? max, string? after, string? before, int? index)
    {
        Assert.True(ResultSetRequest.TryRead(Set(inner), out var request));
        Assert.Equal(new ResultSetRequest { Max = max, After = after, Before = before, Index = index }, request);
        Assert.True(ResultSetRequest.TryRead(request.ToXml(), out var again));
        Assert.Equal(request, again);
    }

    [Theory]
    [InlineData("<max>-1</max>")]
    [InlineData("<max/>")]
    [InlineData("<max>ten</max>")]
    [InlineData("<index>1.5</index>")]
    public void A_number_that_is_none_is_refused(string inner) => Assert.False(ResultSetRequest.TryRead(Set(inner), out _));

    [Fact]
    public void Another_element_is_no_result_set()
    {
        Assert.False(ResultSetRequest.TryRead(XmlElement.Parse("<set xmlns='other'/>"), out _));
        Assert.False(ResultSetPage.TryRead(XmlElement.Parse("<x xmlns='http://jabber.org/protocol/rsm'/>"), out _));
    }

    [Fact]
    public void A_page_is_written_and_read_back()
    {
        var page = new ResultSetPage("a&b", "c", 7, 800);
        var expected = Set("<first index='7'>a&amp;b</first><last>c</last><count>800</count>");
        Assert.True(XmlElement.ValueEquals(expected, page.ToXml()), page.ToXml().ToString());
        Assert.True(ResultSetPage.TryRead(page.ToXml(), out var read));
        Assert.Equal(page, read);
        Assert.True(XmlElement.ValueEquals(Set("<count>790</count>"), new ResultSetPage(null, null, null, 790).ToXml()));
    }

    [Theory]
    [InlineData(null, null, null, null, "abcde", 0)]
    [InlineData(2, null, null, null, "ab", 0)] // §2.1
    [InlineData(2, "b", null, null, "cd", 2)] // §2.2
    [InlineData(2, "d", null, null, "e", 4)]
    [InlineData(2, "e", null, null, "", null)]
    [InlineData(2, "", null, null, "ab", 0)]
    [InlineData(2, null, "d", null, "bc", 1)] // §2.3
    [InlineData(2, null, "b", null, "a", 0)]
    [InlineData(2, null, "a", null, "", null)]
    [InlineData(2, null, "", null, "de", 3)] // §2.5
    [InlineData(null, null, "c", null, "ab", 0)]
    [InlineData(9, null, "", null, "abcde", 0)]
    [InlineData(2, null, null, 3, "de", 3)] // §2.6
    [InlineData(2, null, null, 5, "", null)]
    [InlineData(2, null, null, 500, "", null)]
    [InlineData(0, null, null, null, "", null)] // §2.7
    [InlineData(5, "a", "d", null, "bc", 1)]
    [InlineData(5, "d", "b", null, "", null)]
    public void A_page_is_cut_out_of_a_set(int? max, string? after, string? before, int? index, string items, int? firstIndex)
    {
        var request = new ResultSetRequest { Max = max, After = after, Before = before, Index = index };
        Assert.True(ResultSetPage.TryCut(All, request, item => item, out var cut, out var page));
        Assert.Equal(items, string.Concat(cut));
        Assert.Equal(
            items.Length == 0 ? new ResultSetPage(null, null, null, 5) : new ResultSetPage(items[..1], items[^1..], firstIndex, 5),
            page);
    }

    [Fact]
    public void An_id_that_is_not_in_the_set_is_item_not_found()
    {
        // §2.4
        Assert.False(ResultSetPage.TryCut(All, new ResultSetRequest { After = "x" }, item => item, out _, out _));
        Assert.False(ResultSetPage.TryCut(All, new ResultSetRequest { Before = "x" }, item => item, out _, out _));
    }

    private static XmlElement Set(string inner) => XmlElement.Parse($"<set xmlns='http://jabber.org/protocol/rsm'>{inner}</set>");
}
