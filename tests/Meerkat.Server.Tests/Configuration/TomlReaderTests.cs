using System.Text;
using CsCheck;
using Meerkat.Core.Configuration;
using Meerkat.Server.Configuration;
using Xunit;

namespace Meerkat.Server.Tests.Configuration;

/// <summary>CONF-001, CONF-004, CONF-019: TOML into the tree.</summary>
public sealed class TomlReaderTests
{
    [Theory]
    [InlineData("listen.c2s = [{port = 1, tls = {mode = \"tls\"}}]")]
    [InlineData("[[listen.c2s]]\nport = 1\ntls.mode = \"tls\"")]
    [InlineData("[[listen.c2s]]\nport = 1\n[listen.c2s.tls]\nmode = \"tls\"")]
    [InlineData("[listen]\n[[listen.c2s]]\nport = 1\n\"tls\".'mode' = 'tls'")]
    public void Dotted_keys_sub_tables_and_inline_tables_are_the_same(string toml) // CONF-004
    {
        var listener = Assert.Single(Loading.With(toml).Accepted.Listen.C2s);
        Assert.Equal(1, listener.Port);
        Assert.Equal(Meerkat.Connections.Tls.TlsMode.Tls, listener.Tls?.Mode);
    }

    [Fact]
    public void A_node_knows_its_place_and_path()
    {
        var table = Read("# one\n[a.b]\n  c = 1\n  d.e = [1,\n    2]\n[[a.f]]\n[[a.f]]\n  g = {h = true}\n");
        var b = (ConfigTable)((ConfigTable)table["a"])["b"];
        Assert.Equal(("t.toml:2:2", "a.b"), (b.Position.ToString(), b.Path));
        Assert.Equal(("t.toml:3:3", "a.b.c"), (b["c"].Position.ToString(), b["c"].Path));
        var e = (ConfigArray)((ConfigTable)b["d"])["e"];
        Assert.Equal(("t.toml:4:3", "a.b.d.e"), (e.Position.ToString(), e.Path));
        Assert.Equal("t.toml:5:5", e.Items[1].Position.ToString());
        var g = (ConfigTable)((ConfigTable)((ConfigArray)((ConfigTable)table["a"])["f"]).Items[1])["g"];
        Assert.Equal(("t.toml:8:8", "a.f.g.h"), (g["h"].Position.ToString(), g["h"].Path));
    }

    [Fact]
    public void Every_kind_of_value_is_read()
    {
        var table = Read("a = 'x'\nb = 1_000\nc = true\nd = 1.5\ne = 1979-05-27T07:32:00Z\nf = []\ng = {}\nh = 0xff\nk = 1979-05-27\nl = 07:32:00\nm = 1979-05-27T07:32:00\n\"i j\" = 1");
        Assert.Equal(["x", 1000L, true, 1.5], new[] { "a", "b", "c", "d" }.Select(k => ((ConfigValue)table[k]).Value));
        Assert.Equal("a date", table["e"].Found);
        Assert.All(new[] { "k", "l", "m" }, key => Assert.Equal("a date or time without an offset", table[key].Found));
        Assert.Equal("an empty list", table["f"].Found);
        Assert.Equal("a table", table["g"].Found);
        Assert.Equal("the integer 255", table["h"].Found);
        Assert.Equal("\"i j\"", table["i j"].Path);
    }

    [Theory]
    [InlineData("a = 1\nb =\n", "t.toml:2")]
    [InlineData("a = 1\na = 2\n", "t.toml:2")]
    [InlineData("[a]\n[a]\n", "t.toml:2")]
    [InlineData("[[a]]\n[a]\n", "t.toml:2")]
    [InlineData("a = 1\n[a.b]\n", "t.toml:2")]
    [InlineData("a = {b = 1}\n[a]\n", "t.toml:2")]
    [InlineData("a = [\n", "t.toml:")]
    [InlineData("\u0000", "t.toml:1")]
    [InlineData("a = 99999999999999999999\n", "t.toml:1")]
    public void What_is_not_toml_is_said_with_its_line(string toml, string where) // CONF-019
    {
        var errors = new ConfigErrors();
        Assert.Null(TomlReader.Read(Encoding.UTF8.GetBytes(toml), "t.toml", errors));
        Assert.All(errors.Errors, e => Assert.Equal("toml_parsing_failed", e.Reason));
        Assert.StartsWith(where, errors.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.Contains("is not TOML", errors.Errors[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_utf8_is_said_with_its_line()
    {
        var errors = new ConfigErrors();
        Assert.Null(TomlReader.Read([.. "a = 1\nb = \""u8, 0xff, (byte)'"'], "t.toml", errors));
        Assert.Equal("t.toml:2:1: is not UTF-8", Assert.Single(errors.Errors).ToString());
    }

    [Fact]
    public void A_byte_order_mark_is_tolerated() => Assert.Equal(["a"], TomlReader.Read([0xef, 0xbb, 0xbf, .. "a = 1"u8], "t.toml", new())!.Keys);

    [Theory]
    [InlineData("[", "]")]
    [InlineData("{a=", "}")]
    public void Deep_nesting_is_refused_not_a_crash(string open, string close)
    {
        var deep = "a = " + string.Concat(Enumerable.Repeat(open, 20_000)) + "1" + string.Concat(Enumerable.Repeat(close, 20_000));
        Assert.Null(TomlReader.Read(Encoding.UTF8.GetBytes(deep), "t.toml", new()));
        Assert.Null(TomlReader.Read(Encoding.UTF8.GetBytes("[" + string.Join('.', Enumerable.Repeat("a", 20_000)) + "]\n"), "t.toml", new()));
        Assert.Null(TomlReader.Read(Encoding.UTF8.GetBytes(string.Join('.', Enumerable.Repeat("a", 20_000)) + " = 1\n"), "t.toml", new()));
        var alternating = string.Concat(Enumerable.Repeat("[{a.a.a.a=", 30)) + "1" + string.Concat(Enumerable.Repeat("}]", 30));
        Assert.Null(TomlReader.Read(Encoding.UTF8.GetBytes("a = " + alternating), "t.toml", new()));
    }

    [Fact]
    public void Random_bytes_never_crash_the_reader() =>
        Gen.Byte.Array[0, 200].Sample(
            bytes =>
            {
                var errors = new ConfigErrors();
                return TomlReader.Read(bytes, "t.toml", errors) is null == errors.HasErrors;
            },
            iter: 5_000);

    [Fact]
    public void A_mutated_configuration_never_crashes_the_loader()
    {
        var seed = ConfigurationSource.BuiltIn().Utf8.ToArray();
        string[] pieces = ["[", "]", "{", "}", "\"", "=", ".", "\n", "[[a]]\n", "general.", "\u00ff", "_", "-1"];
        Gen.Select(Gen.Int[0, seed.Length - 1], Gen.Int[0, 40], Gen.Int[0, pieces.Length - 1].Select(i => Encoding.UTF8.GetBytes(pieces[i]))).Sample(
            (at, cut, insert) =>
            {
                var mutated = (byte[])[.. seed[..at], .. insert, .. seed[Math.Min(at + cut, seed.Length)..]];
                var loading = Loading.Of(mutated);
                return loading.Result is null == loading.Errors.Refuses(allowMissing: false);
            },
            iter: 200);
    }

    private static ConfigTable Read(string toml)
    {
        var errors = new ConfigErrors();
        var table = TomlReader.Read(Encoding.UTF8.GetBytes(toml), "t.toml", errors);
        Assert.Empty(errors.All);
        return table!;
    }
}
