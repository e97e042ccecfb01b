using System.ComponentModel.DataAnnotations;
using Meerkat.Modules.MucLight;
using Meerkat.Testing;
using Meerkat.Xmpp;
using Xunit;
using static Meerkat.Modules.Tests.MucLight.MucLightFixture;

namespace Meerkat.Modules.Tests.MucLight;

public sealed class MucLightConfigurationTests
{
    private static readonly MucLightOptions s_typed = new()
    {
        ConfigSchema =
        [
            new ConfigFieldOptions { Field = "roomname", StringValue = "Untitled" },
            new ConfigFieldOptions { Field = "subject", StringValue = "" },
            new ConfigFieldOptions { Field = "lines", IntegerValue = 30, InternalKey = "display_lines" },
            new ConfigFieldOptions { Field = "opacity", FloatValue = 0.5 },
            new ConfigFieldOptions { Field = "dark", BooleanValue = true },
        ],
    };

    [Fact] // MUL-020
    public async Task Configuration_affiliations_and_both_can_be_asked_for()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        var version = await alice.CreateAsync(Coven, User("bob"), "<roomname>Dark</roomname>", bob);

        await bob.SendAsync($"<iq type='get' id='1' to='{Coven}'><query xmlns='{Ns.MucLightConfiguration}'/></iq>");
        await bob.ExpectAsync($"<iq type='result' id='1' from='{Coven}'><query xmlns='{Ns.MucLightConfiguration}'><version>{version}</version><roomname>Dark</roomname><subject/></query></iq>");
        await bob.SendAsync($"<iq type='get' id='2' to='{Coven}'><query xmlns='{Ns.MucLightAffiliations}'><version>old</version></query></iq>");
        await bob.ExpectAsync($"<iq type='result' id='2'><query xmlns='{Ns.MucLightAffiliations}'><version>{version}</version><user affiliation='owner'>alice@example.test</user><user affiliation='member'>bob@example.test</user></query></iq>");
        await bob.SendAsync($"<iq type='get' id='3' to='{Coven}'><query xmlns='{Ns.MucLightInfo}'/></iq>");
        await bob.ExpectAsync(
            $"""
            <iq type='result' id='3'><query xmlns='{Ns.MucLightInfo}'><version>{version}</version><configuration><roomname>Dark</roomname><subject/></configuration>
            <occupants><user affiliation='owner'>alice@example.test</user><user affiliation='member'>bob@example.test</user></occupants></query></iq>
            """);
    }

    [Theory] // MUL-020
    [InlineData(Ns.MucLightConfiguration)]
    [InlineData(Ns.MucLightAffiliations)]
    [InlineData(Ns.MucLightInfo)]
    public async Task A_current_copy_needs_no_answer_and_strangers_get_none(string ns)
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        var version = await alice.CreateAsync(Coven);

        var answer = await alice.AskAsync($"<iq type='get' to='{Coven}'><query xmlns='{ns}'><version>{version}</version></query></iq>");
        AssertResult(answer);
        Assert.Null(answer.FirstChild);
        AssertError(await bob.AskAsync($"<iq type='get' to='{Coven}'><query xmlns='{ns}'/></iq>"), NotFound);
        AssertError(await bob.AskAsync($"<iq type='get' to='nowhere@{Service}'><query xmlns='{ns}'/></iq>"), NotFound);
    }

    [Fact] // MUL-021
    public async Task A_change_is_told_to_all_before_the_result()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        var before = await alice.CreateAsync(Coven, User("bob"), "<roomname>Old</roomname><subject>S</subject>", bob);

        await alice.SendAsync($"<iq type='set' id='c1' to='{Coven}'><query xmlns='{Ns.MucLightConfiguration}'><roomname>New</roomname></query></iq>");

        var notice = await alice.ExpectAsync($"<message from='{Coven}' to='alice@example.test' type='groupchat' id='c1'><x xmlns='{Ns.MucLightConfiguration}'><prev-version>{before}</prev-version><roomname>New</roomname></x><body/></message>");
        await alice.ExpectAsync($"<iq type='result' id='c1' from='{Coven}'/>");
        var x = notice.Child("x", Ns.MucLightConfiguration)!.Value;
        Assert.Equal(3, x.Children.Count);
        var version = x.ChildText("version");
        await bob.ExpectAsync($"<message from='{Coven}' to='bob@example.test' type='groupchat' id='c1'><x xmlns='{Ns.MucLightConfiguration}'><prev-version>{before}</prev-version><version>{version}</version><roomname>New</roomname></x><body/></message>");
        Assert.NotEqual(before, version);
        Assert.Equal(version, await bob.VersionAsync(Coven));
        var info = await bob.AskAsync($"<iq type='get' to='{Coven}'><query xmlns='{Ns.MucLightConfiguration}'/></iq>");
        Assert.Equal(("New", "S"), (info.FirstChild!.Value.ChildText("roomname"), info.FirstChild!.Value.ChildText("subject"))); // a delta
    }

    // MUL-021, MUL-060: who, all_can_configure of the module, of the room (empty: not in its schema), what, whether.
    [Theory]
    [InlineData("alice", false, "", "<roomname>x</roomname>", true)]
    [InlineData("bob", false, "", "<roomname>x</roomname>", false)]
    [InlineData("bob", false, "", "<subject>x</subject>", true)]
    [InlineData("bob", false, "", "<subject>x</subject><roomname>x</roomname>", false)]
    [InlineData("bob", true, "", "<roomname>x</roomname>", true)]
    [InlineData("bob", true, "false", "<roomname>x</roomname>", false)]
    [InlineData("bob", false, "true", "<roomname>x</roomname>", true)]
    public async Task Who_may_configure(string who, bool all, string room, string fields, bool allowed)
    {
        var own = new ConfigFieldOptions { Field = "all", InternalKey = "all_can_configure", BooleanValue = room == "true" };
        var options = new MucLightOptions { AllCanConfigure = all };
        await using var server = await StartAsync(room.Length == 0 ? options : options with { ConfigSchema = [.. options.ConfigSchema, own] });
        await using var alice = await server.ComeAsync("alice");
        await using var bob = await server.ComeAsync("bob");
        await alice.CreateAsync(Coven, User("bob"), "", bob);

        var answer = await (who == "alice" ? alice : bob).ConfigureAsync(Coven, fields);

        if (allowed)
        {
            AssertResult(answer);
        }
        else
        {
            AssertError(answer, NotAllowed);
        }
    }

    [Theory] // MUL-021, MUL-061
    [InlineData("<version>1</version>")]
    [InlineData("<roomname>x</roomname><version>1</version>")]
    [InlineData("<colour>red</colour>")]
    [InlineData("<roomname>x</roomname><colour>red</colour>")]
    [InlineData("<roomname>x</roomname><lines>many</lines>")]
    [InlineData("<lines>1.5</lines>")]
    [InlineData("<display_lines>1</display_lines>")] // the internal key is not the name
    [InlineData("<opacity>half</opacity>")]
    [InlineData("<opacity>NaN</opacity>")]
    [InlineData("<dark>1</dark>")]
    [InlineData("<dark>TRUE</dark>")]
    public async Task What_does_not_fit_the_schema_is_refused_whole(string fields)
    {
        await using var server = await StartAsync(s_typed);
        await using var alice = await server.ComeAsync("alice");
        var version = await alice.CreateAsync(Coven);

        AssertError(await alice.ConfigureAsync(Coven, fields), BadRequest);

        Assert.Equal(version, await alice.VersionAsync(Coven));
        AssertError(await alice.AskAsync($"<iq type='set' to='x@{Service}'><query xmlns='{Ns.MucLightCreate}'><configuration>{fields}</configuration></query></iq>"), BadRequest); // MUL-030
        await alice.ExpectNothingAsync();
    }

    [Fact] // MUL-021, MUL-030, MUL-061
    public async Task Values_are_of_their_kinds_and_in_the_order_of_the_schema()
    {
        await using var server = await StartAsync(s_typed);
        await using var alice = await server.ComeAsync("alice");
        await alice.CreateAsync(Coven);
        Assert.Equal("roomname=Untitled subject= lines=30 opacity=0.5 dark=true", await ShowAsync(alice));

        AssertResult(await alice.ConfigureAsync(Coven, "<dark>false</dark><opacity>0.250</opacity><lines>007</lines><roomname>a</roomname>"));
        AssertResult(await alice.ConfigureAsync(Coven, "<roomname>b</roomname><lines>-8</lines>")); // another order adds nothing
        Assert.Equal("roomname=b subject= lines=-8 opacity=0.250 dark=false", await ShowAsync(alice));
    }

    [Fact] // MUL-021: empty elements are ignored
    public async Task A_field_without_text_changes_nothing()
    {
        await using var server = await StartAsync();
        await using var alice = await server.ComeAsync("alice");
        var version = await alice.CreateAsync(Coven, fields: "<roomname>a</roomname>");

        AssertResult(await alice.ConfigureAsync(Coven, "<roomname/>"));
        AssertResult(await alice.ConfigureAsync(Coven, ""));

        Assert.Equal(version, await alice.VersionAsync(Coven));
        await alice.ExpectNothingAsync();
    }

    [Fact] // MUL-021: the version guards what another node wrote meanwhile
    public async Task A_change_that_somebody_else_overtook_is_made_again()
    {
        var store = new CountingStore();
        await using var server = await StartAsync(null, with => with.Stores = store);
        await using var alice = await server.ComeAsync("alice");
        await alice.CreateAsync(Coven);
        store.Meanwhile = room => room with { Version = "theirs", Configuration = room.Configuration.SetItem("subject", "theirs") };

        AssertResult(await alice.ConfigureAsync(Coven, "<roomname>mine</roomname>"));

        Assert.Equal("roomname=mine subject=theirs", await ShowAsync(alice));
    }

    [Theory] // CONF-248
    [InlineData("version", true)]
    [InlineData("two words", true)]
    [InlineData("1st", true)]
    [InlineData("a:b", true)]
    [InlineData("fine-name_2", false)]
    public void A_field_needs_a_name_that_an_element_can_have(string name, bool refused)
    {
        var field = new ConfigFieldOptions { Field = name, StringValue = "" };
        Assert.Equal(refused, field.Validate(new ValidationContext(field)).Any());
    }

    [Fact] // CONF-248
    public void A_field_has_one_default_and_names_and_keys_are_each_once()
    {
        var none = new ConfigFieldOptions { Field = "a" };
        var two = none with { StringValue = "", BooleanValue = false };
        Assert.Single(none.Validate(new ValidationContext(none)));
        Assert.Single(two.Validate(new ValidationContext(two)));

        var same = new MucLightOptions { ConfigSchema = [none with { StringValue = "" }, none with { IntegerValue = 1 }] };
        Assert.Equal(2, same.Validate(new ValidationContext(same)).Count());
        var key = new MucLightOptions { ConfigSchema = [none with { StringValue = "" }, new ConfigFieldOptions { Field = "b", InternalKey = "a", StringValue = "" }] };
        Assert.Single(key.Validate(new ValidationContext(key)));
        Assert.Empty(s_typed.Validate(new ValidationContext(s_typed)));
    }

    private static async Task<string> ShowAsync(TestClient client)
    {
        var answer = await client.AskAsync($"<iq type='get' to='{Coven}'><query xmlns='{Ns.MucLightConfiguration}'/></iq>");
        return string.Join(' ', answer.FirstChild!.Value.Children.Where(child => child.Name != "version").Select(field => $"{field.Name}={field.Text}"));
    }
}
