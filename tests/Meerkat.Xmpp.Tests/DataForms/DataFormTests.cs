using Meerkat.Xml;
using Xunit;

namespace Meerkat.Xmpp.Tests.DataForms;

/// <summary>XEP-0004, XEP-0068.</summary>
public sealed class DataFormTests
{
    private const string Bot =
        "<x xmlns='jabber:x:data' type='form'><title>Bot Configuration</title><instructions>Fill out this form!</instructions><instructions>Please.</instructions>" +
        "<field type='hidden' var='FORM_TYPE'><value>jabber:bot</value></field>" +
        "<field type='fixed'><value>Section 1: Bot Info</value></field>" +
        "<field type='text-single' label='The name' var='botname'><desc>Any</desc><required/></field>" +
        "<field type='text-multi' var='description'><value>a</value><value>b</value></field>" +
        "<field type='boolean' label='Public?' var='public'><value>1</value></field>" +
        "<field type='list-single' var='maxsubs'><value>20</value><option label='10'><value>10</value></option><option><value>20</value></option></field>" +
        "<field type='jid-multi' var='invitelist'><value>Juliet@capulet.com</value><value>juliet@CAPULET.com</value><value>b@m.net</value></field>" +
        "<field var='logo'><media xmlns='urn:xmpp:media-element'/></field></x>";

    [Fact]
    public void A_form_is_read_field_by_field()
    {
        Assert.True(DataForm.TryRead(XmlElement.Parse(Bot), out var form));
        Assert.Equal(DataFormType.Form, form.Type);
        Assert.Equal("jabber:bot", form.FormType);
        Assert.Equal("Bot Configuration", form.Title);
        Assert.Equal(["Fill out this form!", "Please."], form.Instructions);
        Assert.Equal(8, form.Fields.Count);
        Assert.Equal(DataFieldType.Fixed, form.Fields[1].Type);
        Assert.Null(form.Fields[1].Var);
        Assert.True(form["botname"]!.IsRequired);
        Assert.Equal("The name", form["botname"]!.Label);
        Assert.Equal("Any", form["botname"]!.Description);
        Assert.Null(form.ValueOf("botname"));
        Assert.Equal("a\nb", form["description"]!.Text);
        Assert.Equal(["a", "b"], form.ValuesOf("description"));
        Assert.True(form["public"]!.TryGetBoolean(out var isPublic) && isPublic);
        Assert.Equal([new DataOption("10", "10"), new DataOption("20")], form["maxsubs"]!.Options);
        Assert.True(form["invitelist"]!.TryGetJids(out var jids));
        Assert.Equal([Jid.Parse("juliet@capulet.com"), Jid.Parse("b@m.net")], jids); // §3.3: duplicates are ignored
        Assert.Null(form["logo"]!.Type);
        Assert.Single(form["logo"]!.Extensions);
        Assert.Null(form["nothing"]);
        Assert.Empty(form.ValuesOf("nothing"));
    }

    [Fact]
    public void What_was_read_is_written_back_the_same()
    {
        var element = XmlElement.Parse(Bot);
        Assert.True(DataForm.TryRead(element, out var form));
        Assert.True(XmlElement.ValueEquals(element, form.ToXml()), form.ToXml().ToString());
    }

    [Theory]
    [InlineData("form", "type='hidden'", true)]
    [InlineData("form", "", false)]
    [InlineData("form", "type='text-single'", false)]
    [InlineData("result", "type='hidden'", true)]
    [InlineData("result", "", false)]
    [InlineData("submit", "", true)]
    [InlineData("submit", "type='hidden'", true)]
    [InlineData("submit", "type='text-single'", false)]
    public void The_form_type_must_be_hidden_unless_it_is_submitted(string formType, string fieldType, bool counts)
    {
        // XEP-0068 §5
        var element = XmlElement.Parse($"<x xmlns='jabber:x:data' type='{formType}'><field var='FORM_TYPE' {fieldType}><value>ns</value></field></x>");
        Assert.True(DataForm.TryRead(element, out var form));
        Assert.Equal(counts ? "ns" : null, form.FormType);
    }

    [Theory]
    [InlineData("1", true, true)]
    [InlineData("true", true, true)]
    [InlineData("0", true, false)]
    [InlineData("false", true, false)]
    [InlineData("yes", false, false)]
    [InlineData("", false, false)]
    public void A_boolean_is_one_of_four_words(string value, bool valid, bool expected)
    {
        Assert.Equal(valid, new DataField("b", DataFieldType.Boolean, value).TryGetBoolean(out var actual));
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void A_value_that_is_no_JID_is_told()
    {
        Assert.False(new DataField("j", null, "a@b", "@").TryGetJids(out var jids));
        Assert.Empty(jids);
        Assert.False(new DataField("j", null).TryGetJid(out _));
        Assert.True(new DataField("j", null, "a@b").TryGetJid(out var jid));
        Assert.Equal(Jid.Parse("a@b"), jid);
    }

    [Theory]
    [InlineData("<x xmlns='jabber:x:data'/>")]
    [InlineData("<x xmlns='jabber:x:data' type='strange'/>")]
    [InlineData("<x xmlns='other' type='form'/>")]
    [InlineData("<y xmlns='jabber:x:data' type='form'/>")]
    public void What_is_no_form_is_refused(string xml) => Assert.False(DataForm.TryRead(XmlElement.Parse(xml), out _));

    [Fact]
    public void A_field_type_that_nobody_knows_is_text()
    {
        // §3.3
        Assert.True(DataForm.TryRead(XmlElement.Parse("<x xmlns='jabber:x:data' type='form'><field var='a' type='colour'/></x>"), out var form));
        Assert.Equal(DataFieldType.TextSingle, form["a"]!.Type);
    }

    [Fact]
    public void A_table_of_results_is_built_and_read_back()
    {
        // §3.4
        var form = new DataFormBuilder(DataFormType.Result, "jabber:iq:search")
            .Title("Found")
            .Column("name", DataFieldType.TextSingle, "Name")
            .Column("jid", DataFieldType.JidSingle, null)
            .Item(new DataField("name", null, "Juliet"), new DataField("jid", null, "juliet@capulet.com"))
            .Item(new DataField("name", null, ""), new DataField("jid", null, "b@m.net"))
            .Build();
        var expected = XmlElement.Parse(
            "<x xmlns='jabber:x:data' type='result'><title>Found</title><field var='FORM_TYPE' type='hidden'><value>jabber:iq:search</value></field>" +
            "<reported><field var='name' type='text-single' label='Name'/><field var='jid' type='jid-single'/></reported>" +
            "<item><field var='name'><value>Juliet</value></field><field var='jid'><value>juliet@capulet.com</value></field></item>" +
            "<item><field var='name'><value/></field><field var='jid'><value>b@m.net</value></field></item></x>");
        Assert.True(XmlElement.ValueEquals(expected, form.ToXml()), form.ToXml().ToString());
        Assert.True(DataForm.TryRead(form.ToXml(), out var read));
        Assert.Equal(2, read.Items.Count);
        Assert.Equal("juliet@capulet.com", read.Items[0][1].Value);
        Assert.Equal(["name", "jid"], read.Reported.Select(column => column.Var));
    }

    [Fact]
    public void A_form_to_fill_out_is_built()
    {
        var form = new DataFormBuilder(DataFormType.Form, "jabber:bot")
            .Instructions("Please.")
            .Ask("name", DataFieldType.TextSingle, "Name", required: true)
            .Boolean("public", "Public?", value: false)
            .Choose("max", "Most", [new DataOption("10", "ten"), new DataOption("20")], "20")
            .Add("topics", DataFieldType.ListMulti, "a", "b")
            .Build();
        var expected = XmlElement.Parse(
            "<x xmlns='jabber:x:data' type='form'><instructions>Please.</instructions><field var='FORM_TYPE' type='hidden'><value>jabber:bot</value></field>" +
            "<field var='name' type='text-single' label='Name'><required/></field>" +
            "<field var='public' type='boolean' label='Public?'><value>0</value></field>" +
            "<field var='max' type='list-single' label='Most'><value>20</value><option label='ten'><value>10</value></option><option><value>20</value></option></field>" +
            "<field var='topics' type='list-multi'><value>a</value><value>b</value></field></x>");
        Assert.True(XmlElement.ValueEquals(expected, form.ToXml()), form.ToXml().ToString());
    }

    [Fact]
    public void A_form_is_found_by_its_type_and_meaning()
    {
        var parent = XmlElement.Parse(
            "<query xmlns='q'><x xmlns='jabber:x:data' type='cancel'/>" +
            "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>one</value></field></x>" +
            "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>two</value></field></x></query>");
        Assert.Equal("one", DataForm.Find(parent, DataFormType.Submit)?.FormType);
        Assert.Equal("two", DataForm.Find(parent, DataFormType.Submit, "two")?.FormType);
        Assert.NotNull(DataForm.Find(parent, DataFormType.Cancel));
        Assert.Null(DataForm.Find(parent, DataFormType.Form));
    }
}
