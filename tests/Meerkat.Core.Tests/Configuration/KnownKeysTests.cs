using Meerkat.Core.Configuration;
using Xunit;

namespace Meerkat.Core.Tests.Configuration;

public sealed class KnownKeysTests
{
    [Theory]
    [InlineData("s2s", KnownKeyKind.NotAvailable)]
    [InlineData("listen.c2s.hibernate_after", KnownKeyKind.NoEffect)]
    [InlineData("listen.http.hibernate_after", KnownKeyKind.NoEffect)]
    [InlineData("modules.mod_roster.iqdisc", KnownKeyKind.NoEffect)]
    [InlineData("host_config.modules.mod_roster.iqdisc", KnownKeyKind.NoEffect)]
    [InlineData("host_config.s2s", KnownKeyKind.NotAvailable)]
    [InlineData("host_config.general.loglevel", KnownKeyKind.GlobalOnly)]
    [InlineData("general.rdbms_server_type", KnownKeyKind.Removed)] // CONF-308
    [InlineData("modules.mod_jingle_sip", KnownKeyKind.Removed)] // CONF-309
    [InlineData("modules.mod_muc_log", KnownKeyKind.Removed)] // CONF-310
    public void A_path_has_its_row(string path, object kind) => Assert.Equal(kind, KnownKeys.Find(path)?.Kind);

    [Theory]
    [InlineData("general.loglevel")]
    [InlineData("modules.iqdisc")]
    [InlineData("modules.mod_roster.iqdisc.type")]
    [InlineData("")]
    public void Other_paths_have_none(string path) => Assert.Null(KnownKeys.Find(path));

    [Fact]
    public void Every_shape_that_is_named_exists() =>
        Assert.All(KnownKeys.Of(KnownKeyKind.NoEffect).Where(k => k.Shape is not null), k => Assert.NotNull(KnownKeys.ShapeOf(k)));

    [Fact]
    public void No_path_is_there_twice()
    {
        var paths = Enum.GetValues<KnownKeyKind>().SelectMany(KnownKeys.Of).Select(k => k.Path).ToArray();
        Assert.Equal(paths.Distinct().Count(), paths.Length);
    }

    [Fact]
    public void A_discipline_is_checked_though_it_has_no_effect() // CONF-221
    {
        var errors = new ConfigErrors();
        var table = new ConfigTableBuilder("modules.mod_x").Set("iqdisc", i => i.Set("type", "queues")).Build();
        ConfigBinder.Bind<Options>(table, errors);
        Assert.Single(errors.WithoutEffect);
        Assert.Contains("workers", Assert.Single(errors.Errors).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a.b.c", new[] { "a", "b", "c" })]
    [InlineData("a.\"b.c\".d", new[] { "a", "b.c", "d" })]
    [InlineData("\"b.c\"", new[] { "b.c" })]
    [InlineData("", new string[0])]
    public void A_path_is_split_at_its_dots_but_not_in_quotes(string path, string[] expected) => Assert.Equal(expected, ConfigPath.Split(path));

    private sealed record Options;
}
