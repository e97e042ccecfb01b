using Meerkat.Modules.PrivateStorage;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Conformance.PrivateStorage;

/// <summary>What every <see cref="IPrivateStore"/> does (PXM-001 to PXM-003).</summary>
public abstract class PrivateStoreSuite : StoreSuite<IPrivateStore>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid Alice = BareJid.Parse("alice@one.example");
    private static readonly BareJid Bob = BareJid.Parse("bob@one.example");
    private static readonly BareJid OtherAlice = BareJid.Parse("alice@two.example");

    [Fact] // PXM-002
    public async Task What_was_set_comes_back_in_the_order_asked_and_the_rest_as_it_was_asked()
    {
        await Store.SetAsync(Alice, [Xml("<a xmlns='n:a'>1 &amp; ü</a>"), Xml("<b xmlns='n:b'><c p:x='2' xmlns:p='n:p'/></b>")], None);
        var found = await Store.GetAsync(Alice, [Xml("<b xmlns='n:b'/>"), Xml("<z xmlns='n:z' asked='yes'/>"), Xml("<a xmlns='n:a'/>")], None);
        Assert.Equal(3, found.Count);
        Assert.True(XmlElement.ValueEquals(Xml("<b xmlns='n:b'><c p:x='2' xmlns:p='n:p'/></b>"), found[0]), found[0].ToString());
        Assert.True(XmlElement.ValueEquals(Xml("<z xmlns='n:z' asked='yes'/>"), found[1]));
        Assert.True(XmlElement.ValueEquals(Xml("<a xmlns='n:a'>1 &amp; ü</a>"), found[2]));
    }

    [Fact] // PXM-003
    public async Task The_key_is_the_namespace_and_not_the_name()
    {
        await Store.SetAsync(Alice, [Xml("<a xmlns='n'>1</a>")], None);
        await Store.SetAsync(Alice, [Xml("<b xmlns='n'>2</b>"), Xml("<c xmlns='n'>3</c>")], None);
        var found = Assert.Single(await Store.GetAsync(Alice, [Xml("<a xmlns='n'/>")], None));
        Assert.Equal(("c", "3"), (found.Name, found.Text));
    }

    [Fact]
    public async Task A_fragment_keeps_the_namespaces_of_the_place_where_it_stood()
    {
        var stanza = Xml("<iq xmlns='jabber:client' xmlns:p='n:p'><query xmlns='n:q'><p:f><inner/></p:f></query></iq>");
        await Store.SetAsync(Alice, [stanza.FirstChild!.Value.FirstChild!.Value], None);
        var found = (await Store.GetAsync(Alice, [Xml("<x xmlns='n:p'/>")], None))[0];
        Assert.Equal(("f", "n:p"), (found.Name, found.Namespace));
        Assert.Equal("n:q", found.FirstChild!.Value.Namespace);
    }

    [Fact]
    public async Task Accounts_and_domains_are_removed_alone()
    {
        foreach (var owner in new[] { Alice, Bob, OtherAlice })
        {
            await Store.SetAsync(owner, [Xml("<a xmlns='n'>1</a>")], None);
        }

        await Store.RemoveAccountAsync(Alice, None);
        Assert.Equal(["", "1", "1"], await TextsAsync());
        await Store.RemoveDomainAsync("one.example", None);
        Assert.Equal(["", "", "1"], await TextsAsync());

        async Task<string[]> TextsAsync()
        {
            var texts = new List<string>();
            foreach (var owner in new[] { Alice, Bob, OtherAlice })
            {
                texts.Add((await Store.GetAsync(owner, [Xml("<a xmlns='n'/>")], None))[0].Text);
            }

            return [.. texts];
        }
    }

    [Fact]
    public async Task Everything_is_exported()
    {
        Assert.Empty(await Store.ExportAsync(Alice, None).ToListAsync(None));
        await Store.SetAsync(Alice, [Xml("<a xmlns='n:a'/>")], None);
        var section = Assert.Single(await Store.ExportAsync(Alice, None).ToListAsync(None));
        Assert.Equal("private", section.Name);
        Assert.Equal("n:a", Assert.Single(section.Rows)[0]);
    }

    private static XmlElement Xml(string text) => XmlElement.Parse(text);
}
