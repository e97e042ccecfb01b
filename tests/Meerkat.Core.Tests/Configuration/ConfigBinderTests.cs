using System.ComponentModel.DataAnnotations;
using System.Net;
using Meerkat.Core.Access;
using Meerkat.Core.Configuration;
using Xunit;

namespace Meerkat.Core.Tests.Configuration;

/// <summary>CONF-007 to CONF-018: types of values, and what is said when one is wrong.</summary>
public sealed class ConfigBinderTests
{
    private readonly ConfigErrors _errors = new();

    [Fact]
    public void What_the_file_does_not_say_keeps_its_default()
    {
        var bound = Bind(_ => { });
        Assert.Equal(new Sample(), bound);
        Assert.Empty(_errors.All);
    }

    [Fact]
    public void Every_kind_of_value_is_bound()
    {
        var bound = Bind(t => t
            .Set("some_flag", true).Set("positive", 7).Set("port", 0).Set("long_one", 5_000_000_000L).Set("limit", 10).Set("short_wait", 1500).Set("long_wait", "infinity")
            .Set("odd", "text").Set("colour", "dark_red").Set("colours", new[] { "blue", "v1.2" }).Set("address", "::1").Set("moment", new DateTimeOffset(2027, 1, 31, 12, 0, 0, TimeSpan.Zero)).Set("range", "10.1.2.3/8")
            .Set("domain", "Example.ORG").Set("value", 5).Set("inner", i => i.Set("name", "x")).Set("names", n => n.Set("a.b", b => b.Set("name", "y")))
            .Append("list", i => i.Set("name", "z")).Set("raw", r => r.Set("anything", 1)));
        Assert.Empty(_errors.All);
        Assert.True(bound.SomeFlag);
        Assert.Equal(7, bound.Positive);
        Assert.Equal(0, bound.Port);
        Assert.Equal(5_000_000_000L, bound.LongOne);
        Assert.Equal(10, bound.Limit);
        Assert.Equal(TimeSpan.FromSeconds(1.5), bound.ShortWait);
        Assert.Null(bound.LongWait);
        Assert.Equal("text", bound.OddName);
        Assert.Equal(Colour.DarkRed, bound.Colour);
        Assert.Equal([Colour.Blue, Colour.V12], bound.Colours);
        Assert.Equal(IPAddress.IPv6Loopback, bound.Address);
        Assert.Equal(IPNetwork.Parse("10.0.0.0/8"), bound.Range);
        Assert.Equal(new DateTimeOffset(2027, 1, 31, 12, 0, 0, TimeSpan.Zero), bound.Moment);
        Assert.Equal("example.org", bound.Domain);
        Assert.Equal(AccessValue.Of(5), bound.Value);
        Assert.Equal("x", bound.Inner?.Name);
        Assert.Equal("y", bound.Names!["a.b"].Name);
        Assert.Equal("z", Assert.Single(bound.List!).Name);
        Assert.Equal(["anything"], bound.Raw!.Keys);
    }

    [Theory]
    [InlineData("some_flag", "true", "must be true or false; found the string \"true\"")] // CONF-008
    [InlineData("positive", 0, "must be an integer, at least 1; found the integer 0")] // CONF-009
    [InlineData("positive", 3_000_000_000L, "must be an integer, at least 1; found the integer 3000000000 (at most 2147483647)")]
    [InlineData("positive", 1.5, "must be an integer, at least 1; found the number 1.5")]
    [InlineData("port", 65536, "must be an integer from 0 to 65535; found the integer 65536")]
    [InlineData("limit", "infinite", "must be an integer, at least 0, or \"infinity\"; found the string \"infinite\"")] // CONF-010
    [InlineData("positive", "infinity", "must be an integer, at least 1; found the string \"infinity\"")]
    [InlineData("odd", "", "must be a string that is not empty; found the string \"\"")] // CONF-012
    [InlineData("colour", "dark_rde", "must be one of \"dark_red\", \"blue\", \"v1.2\"; found the string \"dark_rde\" (did you mean \"dark_red\"?)")]
    [InlineData("address", "10.0.0", "must be an IP address; found the string \"10.0.0\"")]
    [InlineData("range", "10.0.0.0/33", "must be an IP address, or a range of them as \"10.0.0.0/8\"; found the string \"10.0.0.0/33\"")]
    [InlineData("domain", "a..b", "must be a domain name; found the string \"a..b\"")]
    [InlineData("inner", 1, "must be a table; found the integer 1")] // CONF-014
    [InlineData("list", 1, "must be a list of tables; found the integer 1")]
    [InlineData("value", true, "must be \"allow\", \"deny\", an integer, or the name of a shaper; found true")] // CONF-011
    [InlineData("short_wait", 5_000_000_000L, "must be a number of milliseconds, at least 1; found the integer 5000000000 (at most 4294967294)")]
    [InlineData("secret", 5, "must be a string; found something else")]
    [InlineData("even", 3, "must be even")]
    public void A_wrong_value_is_named_with_what_is_allowed(string key, object value, string expected)
    {
        Bind(t => t.Set(key, value, new("f.toml", 3, 5)));
        var error = Assert.Single(_errors.All);
        Assert.Equal($"f.toml:3:5: top.{key}: {expected}", error.ToString());
    }

    [Fact]
    public void A_wrong_value_leaves_the_default_and_the_other_values()
    {
        var bound = Bind(t => t.Set("positive", -1).Set("port", 8080));
        Assert.Equal(1, bound.Positive);
        Assert.Equal(8080, bound.Port);
    }

    [Theory]
    [InlineData("positve", "unknown key; did you mean \"positive\"?")]
    [InlineData("some-flag", "unknown key; did you mean \"some_flag\"?")]
    [InlineData("opsitive", "unknown key; did you mean \"positive\"?")]
    public void An_unknown_key_is_an_error_that_names_the_nearest(string key, string expected) // CONF-007
    {
        Bind(t => t.Set(key, 1));
        var error = Assert.Single(_errors.Errors);
        Assert.Equal(expected, error.Message);
        Assert.Equal("unexpected_key", error.Reason);
    }

    [Fact]
    public void An_unknown_key_that_is_near_to_none_lists_what_is_allowed()
    {
        ConfigBinder.Bind<Inner>(Table(t => t.Set("zzzzzzzz", 1).Set("name", "x")), _errors);
        Assert.Equal("unknown key; allowed here: name", Assert.Single(_errors.Errors).Message);
    }

    [Fact]
    public void A_mandatory_key_that_is_absent_is_an_error_at_its_table()
    {
        Bind(t => t.Set("inner", _ => { }, new("f.toml", 9, 1)));
        var error = Assert.Single(_errors.Errors);
        Assert.Equal("f.toml:9:1: top.inner.name: must be given: a string that is not empty", error.ToString());
        Assert.Equal("missing_mandatory_keys", error.Reason);
    }

    [Fact]
    public void Lists_may_have_to_be_unique_or_not_empty() // CONF-013
    {
        Bind(t => t.Set("colours", Array.Empty<string>()));
        Bind(t => t.Set("colours", new[] { "blue", "blue" }));
        Assert.Equal(
            ["must be a list with at least one item without repetition, each item one of \"dark_red\", \"blue\", \"v1.2\"; found an empty list", "names the same twice: the string \"blue\""],
            _errors.Errors.Select(e => e.Message));
    }

    [Fact]
    public void Every_error_is_reported_at_once() // CONF-017
    {
        Bind(t => t.Set("positive", 0).Set("unknwon", 1).Set("inner", i => i.Set("nmae", "x")).Append("list", i => i.Set("name", "")).Append("list", i => i.Set("name", 1)));
        Assert.Equal(
            ["top.inner.name", "top.inner.nmae", "top.list.name", "top.list.name", "top.positive", "top.unknwon"],
            _errors.Errors.Select(e => e.Key).Order());
    }

    [Fact]
    public void An_error_in_a_mandatory_key_does_not_hide_the_others()
    {
        Assert.Null(ConfigBinder.Bind<TwoMandatory>(Table(t => t.Set("first", 1).Set("second", 2)), _errors));
        Assert.Equal(2, _errors.Errors.Count);
    }

    [Fact]
    public void A_value_that_is_known_but_not_here_is_no_error()
    {
        var bound = Bind(t => t.Set("colour", "green").Set("colours", new[] { "green", "blue" }));
        Assert.False(_errors.HasErrors);
        Assert.Equal(2, _errors.Missing.Count);
        Assert.Equal("\"green\" is not available: no green paint", _errors.Missing[0].Message);
        Assert.Equal(Colour.DarkRed, bound.Colour);
        Assert.Equal([Colour.Blue], bound.Colours);
        Assert.True(_errors.Refuses(allowMissing: false));
        Assert.False(_errors.Refuses(allowMissing: true));
    }

    [Fact]
    public void A_table_whose_mandatory_value_is_not_here_is_one_finding()
    {
        var bound = Bind(t => t.Set("paints", p => p.Set("x", x => x.Set("unknown", 1).Set("paint", "green"))));
        Assert.Single(_errors.All);
        Assert.Empty(bound.Paints!);
    }

    [Fact]
    public void A_rule_over_several_keys_points_at_its_key()
    {
        Bind(t => t.Set("least", 5, new("f.toml", 2, 1)).Set("most", 4, new("f.toml", 4, 1)));
        var error = Assert.Single(_errors.Errors);
        Assert.Equal("f.toml:4:1: top.most: is less than least", error.ToString());
        Assert.Equal("most_below_least", error.Reason);
    }

    [Fact]
    public void A_record_may_ask_where_its_table_stands()
    {
        var bound = Bind(t => t.Set("inner", i => i.Set("name", "x"), new("f.toml", 9, 3)));
        Assert.Equal(new ConfigPosition("f.toml", 9, 3), bound.Inner!.Position);
    }

    [Fact]
    public void A_key_with_a_dot_is_quoted_in_its_path()
    {
        Bind(t => t.Set("names", n => n.Set("a.b", b => b.Set("name", 1))));
        Assert.Equal("top.names.\"a.b\".name", Assert.Single(_errors.Errors).Key);
    }

    private Sample Bind(Action<ConfigTableBuilder> fill) => ConfigBinder.Bind<Sample>(Table(fill), _errors)!;

    private static ConfigTable Table(Action<ConfigTableBuilder> fill)
    {
        var builder = new ConfigTableBuilder("top", new("f.toml", 1, 1));
        fill(builder);
        return builder.Build();
    }

    private enum Colour
    {
        DarkRed,
        Blue,
        [NotAvailable("no green paint")]
        Green,
        [ConfigName("v1.2")]
        V12,
    }

    private sealed record Sample : IValidatableObject
    {
        public bool SomeFlag { get; init; }

        [AtLeast(1)]
        public int Positive { get; init; } = 1;

        [Range(0, 65535)]
        public int Port { get; init; } = 80;

        public long LongOne { get; init; }

        [AtLeast(0), InfinityAllowed]
        public int? Limit { get; init; } = 3;

        [AtLeast(1), Unit(TimeUnit.Milliseconds)]
        public TimeSpan ShortWait { get; init; }

        [AtLeast(1), InfinityAllowed, Unit(TimeUnit.Seconds)]
        public TimeSpan? LongWait { get; init; } = TimeSpan.FromMinutes(1);

        [NonEmpty, ConfigName("odd")]
        public string OddName { get; init; } = "x";

        public Colour Colour { get; init; }

        [NonEmptyList, Unique]
        public IReadOnlyList<Colour>? Colours { get; init; }

        public IPAddress? Address { get; init; }

        public IPNetwork? Range { get; init; }

        public DateTimeOffset? Moment { get; init; }

        [Domain]
        public string? Domain { get; init; }

        public AccessValue Value { get; init; }

        public Inner? Inner { get; init; }

        public IReadOnlyDictionary<string, Inner>? Names { get; init; }

        public IReadOnlyList<Inner>? List { get; init; }

        public ConfigTable? Raw { get; init; }

        [Secret]
        public string? Secret { get; init; }

        [Even]
        public int Even { get; init; }

        public int Least { get; init; }

        public int Most { get; init; } = 100;

        public IReadOnlyDictionary<string, Painted>? Paints { get; init; }

        public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
        {
            if (Most < Least)
            {
                yield return new ConfigRule("is less than least", nameof(Most), "most_below_least");
            }
        }
    }

    private sealed record Inner
    {
        public ConfigPosition Position { get; init; }

        [NonEmpty]
        public required string Name { get; init; }
    }

    private sealed record Painted
    {
        public required Colour Paint { get; init; }
    }

    private sealed record TwoMandatory
    {
        public required string First { get; init; }

        public required string Second { get; init; }
    }

    private sealed class EvenAttribute : ValidationAttribute
    {
        public override bool IsValid(object? value) => value is int n && n % 2 == 0;

        public override string FormatErrorMessage(string name) => "must be even";
    }
}
