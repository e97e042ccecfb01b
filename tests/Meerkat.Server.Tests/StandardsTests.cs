using System.Xml.Linq;
using Meerkat.Modules.Disco;
using Meerkat.Modules.Mam;
using Meerkat.Server.Running;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>What the attributes say is what is written down and what clients are told.</summary>
public sealed class StandardsTests
{
    // A row a module with a disco feature, so that a failure names it.
    public static TheoryData<string, string> Announced =>
        [.. ModulesHere.Catalogue.All.SelectMany(module => module.Xeps
            .Where(xep => xep.Feature is not null)
            .Select(xep => new TheoryDataRow<string, string>(module.Key, xep.Feature!)))];

    // MEERKAT_WRITE_DOCS=1 with these tests rewrites the files.
    [Theory]
    [InlineData("docs/standards.md")]
    [InlineData("doap.xml")]
    public void The_committed_file_is_what_the_attributes_say(string file)
    {
        var expected = file == "doap.xml" ? Standards.Doap() : Standards.Page();
        var path = Path.Combine(Root(), file);
        if (Environment.GetEnvironmentVariable("MEERKAT_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.Equal(expected, File.ReadAllText(path));
    }

    [Fact] // XEP-0453
    public void The_description_of_the_project_is_XML_and_names_each_XEP_once()
    {
        XNamespace xmpp = "https://linkmauve.fr/ns/xmpp-doap#";
        var xeps = XDocument.Parse(Standards.Doap()).Descendants(xmpp + "xep").Select(xep => xep.FirstAttribute!.Value).ToArray();

        Assert.NotEmpty(xeps);
        Assert.Equal(xeps.Distinct(), xeps);
        Assert.Contains("https://xmpp.org/extensions/xep-0030.html", xeps);
    }

    [Fact]
    public void One_XEP_is_followed_in_one_version()
    {
        Assert.All(Standards.Xeps.GroupBy(entry => entry.Xep.Number), same => Assert.Single(same.Select(entry => entry.Xep.Version).Distinct()));
    }

    [Theory] // DSC-005, XEP-0030 §3, RFC 6120 §4.3.2
    [MemberData(nameof(Announced))]
    public async Task A_module_announces_what_it_says_it_implements(string key, string feature)
    {
        await using var server = await TestServer.StartAsync(with => with.Module<DiscoModule>().Module(ModulesHere.Catalogue.Find(key)!, key == "mod_mam" ? new MamOptions { Pm = new MamPmOptions() } : null));
        await server.Accounts.AddAsync($"alice@{server.Domain}", "secret");
        await using var stranger = server.Open();
        var before = await stranger.OpenStreamAsync();
        await using var alice = server.Open();
        var after = await alice.LogInAsync("alice", server.Domain, "secret");
        await alice.BindAsync();

        var told = before.Children.ToArray().Concat(after.Children.ToArray()).Select(offer => offer.Namespace).ToHashSet(StringComparer.Ordinal);
        foreach (var entity in new[] { server.Domain, alice.BareJid })
        {
            var answer = await alice.AskAsync($"<iq type='get' to='{entity}'><query xmlns='{Ns.DiscoInfo}'/></iq>");
            told.UnionWith(DiscoInfo.Read(answer.Child("query", Ns.DiscoInfo)!.Value)!.Features);
        }

        Assert.Contains(feature, told);
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Meerkat.slnx")))
            {
                return folder.FullName;
            }
        }

        throw new FileNotFoundException("Meerkat.slnx is in no folder above the tests.");
    }
}
