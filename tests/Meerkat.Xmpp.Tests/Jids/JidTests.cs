using System.Text;
using Xunit;

namespace Meerkat.Xmpp.Tests.Jids;

/// <summary>RFC 6122 §2, RFC 7622 §3; CORE-001, CORE-002, CORE-003.</summary>
public sealed class JidTests
{
    [Theory]
    [InlineData("alice@localhost", "alice", "localhost", null)]
    [InlineData("localhost", null, "localhost", null)]
    [InlineData("alice@localhost/phone", "alice", "localhost", "phone")]
    [InlineData("localhost/console", null, "localhost", "console")]
    [InlineData("ALICE@LocalHost/Phone", "alice", "localhost", "Phone")] // CORE-001
    [InlineData("alice@example.com/a/b@c", "alice", "example.com", "a/b@c")] // RFC 7622 §3.2: the first separators count
    [InlineData("example.com/alice@example.org", null, "example.com", "alice@example.org")]
    [InlineData("example.com.", null, "example.com", null)] // RFC 7622 §3.2
    [InlineData("alice@example.com./x", "alice", "example.com", "x")]
    [InlineData("alice@b\u00FCcher.example", "alice", "b\u00FCcher.example", null)] // CORE-004
    [InlineData("alice@B\u00DCCHER\u3002example", "alice", "b\u00FCcher.example", null)] // RFC 3490 §3.1
    [InlineData("alice@[::1]/x", "alice", "[::1]", "x")]
    [InlineData("[2001:DB8:0:0::1]", null, "[2001:db8::1]", null)]
    [InlineData("alice@192.0.2.1", "alice", "192.0.2.1", null)]
    [InlineData("alice@under_score.example", "alice", "under_score.example", null)]
    [InlineData("a\u00ADlice@example.com", "alice", "example.com", null)] // table B.1
    [InlineData("alice@example.com/\uFF21", "alice", "example.com", "A")]
    [InlineData("alice@example.com/\U0001F600", "alice", "example.com", "\U0001F600")]
    [InlineData("alice@example.com/ x ", "alice", "example.com", " x ")]
    [InlineData("juliet\\20capulet@example.com", "juliet\\20capulet", "example.com", null)]
    public void A_JID_has_prepared_parts(string text, string? local, string domain, string? resource)
    {
        Assert.True(Jid.TryParse(text, out var fromText));
        Assert.True(Jid.TryParse(Encoding.UTF8.GetBytes(text), out var fromUtf8));
        foreach (var jid in new[] { fromText, fromUtf8 })
        {
            Assert.Equal(local, jid.Local);
            Assert.Equal(domain, jid.Domain);
            Assert.Equal(resource, jid.Resource);
            Assert.Equal(resource is not null, jid is FullJid);
            Assert.Equal(local is null && resource is null, jid.IsDomain);
            Assert.Equal((local is null ? "" : local + "@") + domain + (resource is null ? "" : "/" + resource), jid.ToString());
            Assert.Equal(jid.ToString(), Encoding.UTF8.GetString(jid.Utf8));
            Assert.Equal((local is null ? "" : local + "@") + domain, jid.Bare.ToString());
            Assert.Equal(domain, jid.Bare.DomainJid.ToString());
        }

        Assert.Equal(fromText, fromUtf8);
        Assert.Equal(fromText.GetHashCode(), fromUtf8.GetHashCode());
    }

    [Theory]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("/")]
    [InlineData("//")]
    [InlineData("@/")]
    [InlineData("@x")]
    [InlineData("x@")]
    [InlineData("x/")]
    [InlineData("a@x/")]
    [InlineData("a@/x")]
    [InlineData("/x")]
    [InlineData("a@b@c")]
    [InlineData(".")]
    [InlineData("a@.")]
    [InlineData(".example.com")]
    [InlineData("example..com")]
    [InlineData("example.com..")]
    [InlineData("\u00AD")] // prepared to nothing
    [InlineData("\u00AD@example.com")]
    [InlineData("example.com/\u00AD")]
    [InlineData("a b@example.com")]
    [InlineData("a\"b@example.com")]
    [InlineData("a&b@example.com")]
    [InlineData("a'b@example.com")]
    [InlineData("a:b@example.com")]
    [InlineData("a<b@example.com")]
    [InlineData("a>b@example.com")]
    [InlineData("a\u00A0b@example.com")]
    [InlineData("a\u2028b@example.com")]
    [InlineData("a@exa mple.com")]
    [InlineData("a@exa<mple.com")]
    [InlineData("a@exa'mple.com")]
    [InlineData("a@example.com:5222")]
    [InlineData("a@example\u2024com")] // normalised to a dot inside a label
    [InlineData("a@example.com/\u0007")]
    [InlineData("a@example.com/\n")]
    [InlineData("a@example.com/\uD800")]
    [InlineData("a@example.com/\uFFFD")]
    [InlineData("a@\u05D0a.example")] // RFC 3454 §6
    [InlineData("a@[::1")]
    [InlineData("a@[]")]
    [InlineData("a@[[::1]]")]
    [InlineData("a@[192.0.2.1]")]
    [InlineData("a@[fe80::1%1]")]
    [InlineData("a@[::1]:80")]
    [InlineData("a@[example]")]
    public void What_is_no_JID_is_refused(string text)
    {
        Assert.False(Jid.TryParse(text, out var jid));
        Assert.Null(jid);
        Assert.False(Jid.TryParse(Encoding.UTF8.GetBytes(text), out jid));
        Assert.Null(jid);
        Assert.Throws<FormatException>(() => Jid.Parse(text));
    }

    [Fact]
    public void Bytes_that_are_not_UTF8_are_refused()
    {
        Assert.False(Jid.TryParse([(byte)'a', (byte)'@', 0xC3, 0x28], out _));
        Assert.False(Jid.TryParse([(byte)'a', (byte)'@', (byte)'b', (byte)'/', 0xED, 0xA0, 0x80], out _));
    }

    [Fact]
    public void Null_is_no_JID() => Assert.False(Jid.TryParse((string?)null, out _));

    [Theory]
    [InlineData("{0}@x")]
    [InlineData("x@{0}")]
    [InlineData("{0}")]
    [InlineData("x@x/{0}")]
    public void Each_part_is_at_most_1023_bytes_after_preparation(string pattern)
    {
        foreach (var (unit, bytes) in new[] { ("a", 1), ("\u00E9", 2), ("\uFF41", 1), ("A", 1) })
        {
            var fits = string.Format(pattern, string.Concat(Enumerable.Repeat(unit, 1023 / bytes)));
            var tooLong = string.Format(pattern, string.Concat(Enumerable.Repeat(unit, (1023 / bytes) + 1)));
            Assert.True(Jid.TryParse(fits, out var fromText));
            Assert.True(Jid.TryParse(Encoding.UTF8.GetBytes(fits), out var fromUtf8));
            Assert.Equal(fromText, fromUtf8);
            Assert.False(Jid.TryParse(tooLong, out _));
            Assert.False(Jid.TryParse(Encoding.UTF8.GetBytes(tooLong), out _));
        }
    }

    [Fact]
    public void Text_of_any_length_is_answered()
    {
        Assert.False(Jid.TryParse(new string('\u0301', 10_000_000), out _));
        Assert.False(Jid.TryParse("a@b/" + new string('\u0301', 12_000), out _));
        Assert.False(BareJid.TryCreate("a" + new string('\u0301', 12_000), "b", out _));
    }

    [Fact]
    public void The_attribute_form_is_escaped_for_either_quote()
    {
        var jid = Jid.Parse("alice@example.com/<'&\">\u00E9");
        Assert.Equal("alice@example.com/&lt;&apos;&amp;&quot;&gt;\u00E9", Encoding.UTF8.GetString(jid.AttributeUtf8));
        Assert.Equal("alice@example.com", Encoding.UTF8.GetString(jid.Bare.AttributeUtf8));
        Assert.Equal("alice@example.com/x", Encoding.UTF8.GetString(Jid.Parse("alice@example.com/x").AttributeUtf8));
    }

    [Fact]
    public void Equality_is_by_prepared_parts()
    {
        Assert.Equal(Jid.Parse("ALICE@example.com/x"), Jid.Parse("alice@EXAMPLE.com/x"));
        Assert.NotEqual(Jid.Parse("alice@example.com/x"), Jid.Parse("alice@example.com/X"));
        Assert.NotEqual(Jid.Parse("alice@example.com"), Jid.Parse("alice@example.com/x"));
        Assert.NotEqual<Jid>(Jid.Parse("example.com"), Jid.Parse("alice@example.com"));
        Assert.True(Jid.Parse("a@b") == BareJid.Parse("A@b"));
        Assert.True(Jid.Parse("a@b") != BareJid.Parse("a@c"));
        Assert.False(Jid.Parse("a@b") == null);
        Assert.Equal(Jid.Parse("alice@example.com/x").Bare.GetHashCode(), BareJid.Parse("alice@example.com").GetHashCode());
        Assert.Equal(Jid.Parse("alice@example.com/x").Bare, BareJid.Parse("alice@example.com"));
        Assert.Same(Jid.Parse("alice@example.com/x").Domain, Jid.Parse("bob@example.com").Domain);
    }

    [Fact]
    public void A_JID_is_made_of_parts_that_are_prepared()
    {
        Assert.True(BareJid.TryCreate("ALICE", "Example.COM.", out var bare));
        Assert.Equal("alice@example.com", bare.ToString());
        Assert.True(BareJid.TryCreate(null, "Example.COM", out var domain));
        Assert.Equal(bare.DomainJid, domain);
        Assert.Same(domain, domain.DomainJid);
        Assert.False(BareJid.TryCreate("", "example.com", out _));
        Assert.False(BareJid.TryCreate("a@b", "example.com", out _));
        Assert.False(BareJid.TryCreate("a", "example.com/x", out _));
        Assert.True(FullJid.TryCreate(bare, "\uFF21", out var full));
        Assert.Equal("alice@example.com/A", full.ToString());
        Assert.Same(bare, full.Bare);
        Assert.False(FullJid.TryCreate(bare, "", out _));
        Assert.Equal("alice@example.com/phone", bare.WithResource("phone").ToString());
        Assert.Throws<ArgumentException>(() => bare.WithResource(""));
        Assert.Throws<ArgumentException>(() => bare.WithResource("\uFF21"));
        Assert.Throws<FormatException>(() => BareJid.Parse("a@b/c"));
        Assert.Throws<FormatException>(() => FullJid.Parse("a@b"));
    }
}
