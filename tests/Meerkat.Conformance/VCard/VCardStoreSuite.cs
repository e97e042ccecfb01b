using Meerkat.Modules.VCard;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Conformance.VCard;

/// <summary>What every <see cref="IVCardStore"/> does (VCD-001, VCD-002, VCD-005).</summary>
public abstract class VCardStoreSuite : StoreSuite<IVCardStore>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid Alice = BareJid.Parse("alice@one.example");
    private static readonly BareJid Bob = BareJid.Parse("bob@one.example");
    private static readonly BareJid OtherAlice = BareJid.Parse("alice@two.example");

    public static TheoryData<VCardField> Fields => new(Enum.GetValues<VCardField>().Where(f => f is not VCardField.User));

    [Fact] // VCD-002
    public async Task A_vcard_comes_back_as_it_was_set()
    {
        Assert.Null(await Store.GetAsync(Alice, None));
        var vcard = VCard("<FN>Älice &lt;3</FN><PHOTO><BINVAL>AAAA</BINVAL></PHOTO><X-OWN xmlns='n:own' a='1'/>");
        await Store.SetAsync(Alice, vcard, None);
        Assert.True(XmlElement.ValueEquals(vcard, (await Store.GetAsync(Alice, None))!.Value));
        await Store.SetAsync(Alice, VCard("<FN>new</FN>"), None);
        Assert.True(XmlElement.ValueEquals(VCard("<FN>new</FN>"), (await Store.GetAsync(Alice, None))!.Value));
        Assert.Null(await Store.GetAsync(Bob, None));
        Assert.Null(await Store.GetAsync(OtherAlice, None));
    }

    [Theory, MemberData(nameof(Fields))] // VCD-002, VCD-005
    public async Task Every_field_is_found_whole_and_by_its_beginning(VCardField field)
    {
        await Store.SetAsync(Alice, With(field, " Wonder_Land "), None);
        await Store.SetAsync(Bob, With(field, "Wonderland"), None);
        await Store.SetAsync(OtherAlice, With(field, "Wonder_Land"), None);

        Assert.Equal([Alice], await SearchAsync(new VCardCriterion(field, "wonder_land", false)));
        Assert.Equal([Alice, Bob], await SearchAsync(new VCardCriterion(field, "wonder", true)));
        Assert.Empty(await SearchAsync(new VCardCriterion(field, "wonder", false)));
        Assert.Equal([Alice], await SearchAsync(new VCardCriterion(field, "wonder_", true))); // no wildcard of SQL's
        Assert.Empty(await SearchAsync(new VCardCriterion(field, "wonder%", true)));
        Assert.Empty(await SearchAsync(new VCardCriterion(field, "' OR 1=1 --", false)));
        foreach (var other in Enum.GetValues<VCardField>().Where(other => other != field))
        {
            Assert.Empty(await SearchAsync(new VCardCriterion(other, "wonder", true)));
        }
    }

    [Fact] // VCD-005
    public async Task Accounts_are_found_by_name_and_all_criteria_must_hold()
    {
        await Store.SetAsync(Alice, VCard("<FN>A</FN><NICKNAME>x</NICKNAME>"), None);
        await Store.SetAsync(Bob, VCard("<FN>B</FN><NICKNAME>x</NICKNAME>"), None);
        Assert.Equal([Alice], await SearchAsync(new VCardCriterion(VCardField.User, "ali", true)));
        Assert.Equal([Bob], await SearchAsync(new(VCardField.Nickname, "x", false), new(VCardField.FullName, "b", false)));
        Assert.Empty(await SearchAsync(new(VCardField.User, "alice", false), new(VCardField.FullName, "b", false)));
        Assert.Equal([Alice, Bob], await SearchAsync(new VCardCriterion(VCardField.Email, "", true)));
    }

    [Fact] // VCD-004
    public async Task What_is_found_is_ordered_and_limited()
    {
        foreach (var name in new[] { "c", "a", "zß", "b", "é" })
        {
            await Store.SetAsync(BareJid.Parse($"{name}@one.example"), VCard("<FN>same</FN>"), None);
        }

        var found = await Store.SearchAsync("one.example", [new(VCardField.FullName, "same", false)], 3, None);
        Assert.Equal(["a", "b", "c"], found.Select(entry => entry.Owner.Local));
        Assert.Equal("same", found[0].VCard.ChildText("FN"));
        Assert.Equal(["a", "b", "c", "zss", "é"], (await SearchAsync(new VCardCriterion(VCardField.FullName, "same", false))).Select(owner => owner.Local));
    }

    [Fact]
    public async Task What_was_replaced_or_removed_is_not_found()
    {
        foreach (var owner in new[] { Alice, Bob, OtherAlice })
        {
            await Store.SetAsync(owner, VCard("<FN>old</FN>"), None);
        }

        await Store.SetAsync(Alice, VCard("<FN>new</FN>"), None);
        Assert.Equal([Bob], await SearchAsync(new VCardCriterion(VCardField.FullName, "old", false)));
        await Store.RemoveAccountAsync(Bob, None);
        Assert.Empty(await SearchAsync(new VCardCriterion(VCardField.FullName, "old", false)));
        Assert.Null(await Store.GetAsync(Bob, None));
        await Store.RemoveDomainAsync("one.example", None);
        Assert.Null(await Store.GetAsync(Alice, None));
        Assert.NotNull(await Store.GetAsync(OtherAlice, None));
    }

    [Fact] // OPS-147
    public async Task A_vcard_is_exported()
    {
        Assert.Empty(await Store.ExportAsync(Alice, None).ToListAsync(None));
        await Store.SetAsync(Alice, VCard("<FN>A</FN>"), None);
        var section = Assert.Single(await Store.ExportAsync(Alice, None).ToListAsync(None));
        Assert.Equal(("vcard", "alice@one.example"), (section.Name, section.Rows[0][0]));
        Assert.Equal(["jid", "vcard"], section.Columns);
    }

    private async Task<IReadOnlyList<BareJid>> SearchAsync(params VCardCriterion[] criteria) =>
        [.. (await Store.SearchAsync("one.example", criteria, null, None)).Select(entry => entry.Owner)];

    private static XmlElement VCard(string fields) => XmlElement.Parse($"<vCard xmlns='vcard-temp'>{fields}</vCard>");

    private static XmlElement With(VCardField field, string text) => VCard(field switch
    {
        VCardField.FullName => $"<FN>{text}</FN>",
        VCardField.Given => $"<N><GIVEN>{text}</GIVEN></N>",
        VCardField.Middle => $"<N><MIDDLE>{text}</MIDDLE></N>",
        VCardField.Family => $"<N><FAMILY>{text}</FAMILY></N>",
        VCardField.Nickname => $"<NICKNAME>{text}\U0001F600</NICKNAME>", // VCD-002: emoji are stripped
        VCardField.Birthday => $"<BDAY>{text}</BDAY>",
        VCardField.Country => $"<ADR><CTRY>{text}</CTRY></ADR>",
        VCardField.Locality => $"<ADR><LOCALITY>{text}</LOCALITY></ADR>",
        VCardField.Email => text.Contains('_') ? $"<EMAIL><USERID>{text}</USERID></EMAIL>" : $"<EMAIL>{text}</EMAIL>",
        VCardField.OrganisationName => $"<ORG><ORGNAME>{text}</ORGNAME></ORG>",
        _ => $"<ORG><ORGUNIT>{text}</ORGUNIT></ORG>",
    });
}
