using System.Text;
using Meerkat.Core.Configuration;
using Meerkat.Server.Configuration;
using Meerkat.Server.Running;

namespace Meerkat.Server.Tests.Configuration;

/// <summary>What came of one configuration.</summary>
internal sealed record Loading(MeerkatConfiguration? Result, ConfigErrors Errors)
{
    /// <summary>A mandatory part that tests of other sections put before their own.</summary>
    public const string Minimal = "general = {hosts = [\"a.example\", \"b.example\"], default_server_domain = \"a.example\"}\n";

    /// <summary>The configuration; fails with all findings when it was refused.</summary>
    public MeerkatConfiguration Accepted =>
        Result ?? throw new InvalidOperationException(string.Join('\n', Errors.All));

    /// <summary>All findings as the operator sees them.</summary>
    public string Said => string.Join('\n', Errors.All);

    public static Loading Of(string toml, bool allowMissing = false) => Of(Encoding.UTF8.GetBytes(toml), allowMissing);

    public static Loading Of(ReadOnlyMemory<byte> toml, bool allowMissing = false)
    {
        var errors = new ConfigErrors();
        return new(ConfigurationLoader.Load(new("t.toml", toml), ModulesHere.Options, allowMissing, errors), errors);
    }

    /// <summary>The minimal part on line 1, and more from line 2 on.</summary>
    public static Loading With(string toml, bool allowMissing = false) => Of(Minimal + toml, allowMissing);

    /// <summary>Asserts that there is exactly one error, as the operator sees it, and gives its reason.</summary>
    public string TheError(string expected)
    {
        Xunit.Assert.Equal(expected, Said);
        Xunit.Assert.Null(Result);
        return Errors.Errors[0].Reason;
    }
}
