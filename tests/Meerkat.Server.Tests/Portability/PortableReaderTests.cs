using System.Text;
using System.Xml;
using Meerkat.Server.Portability;
using Xunit;

namespace Meerkat.Server.Tests.Portability;

[Collection(MeasuringAlone)]
public sealed class PortableReaderTests : IDisposable
{
    // The memory of the process is measured: no other test may run meanwhile.
    private const string MeasuringAlone = "measuring alone";
    private const string Head = "<?xml version='1.0'?><server-data xmlns='urn:xmpp:pie:0' xmlns:xi='http://www.w3.org/2001/XInclude'>";
    private readonly string _folder = Directory.CreateTempSubdirectory("meerkat-pie-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact] // XEP-0227 §4
    public void Users_and_what_is_in_them_come_in_order()
    {
        Assert.Equal(
            ["user a.example alice secret", "vCard", "end", "user a.example bob ", "offline-messages/message", "offline-messages/message", "query", "end", "user b.example alice ", "end"],
            Read(Head
                + "<host jid='a.example'><user name='alice' password='secret'><vCard xmlns='vcard-temp'><FN>A</FN></vCard></user>"
                + "<!-- a comment --><user name='bob'><offline-messages><message xmlns='jabber:client'/><message xmlns='jabber:client'><body>x</body></message></offline-messages><query xmlns='jabber:iq:roster'/></user></host>"
                + "<host jid='b.example'><user name='alice'/></host></server-data>"));
    }

    [Fact] // XEP-0227 §4: what is not understood is passed over, and told
    public void What_is_unknown_is_passed_over() => Assert.Equal(
        ["passed over", "passed over", "user a.example alice ", "end", "passed over", "passed over"],
        Read(Head + "<x xmlns='app:x'><user/></x><host jid='a.example'><y xmlns='app:y'><z/></y><user name='alice'/><user/></host><host><user name='c'/></host></server-data>"));

    [Fact] // XEP-0227 §5
    public void Files_include_files_of_their_folder()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "sub"));
        File.WriteAllText(Path.Combine(_folder, "sub", "a host.xml"), "<host xmlns='urn:xmpp:pie:0' xmlns:xi='http://www.w3.org/2001/XInclude' jid='a.example'><xi:include href='alice.xml'/><xi:include href='../bob.xml'/></host>");
        File.WriteAllText(Path.Combine(_folder, "sub", "alice.xml"), "<user xmlns='urn:xmpp:pie:0' name='alice'><vCard xmlns='vcard-temp'/></user>");
        File.WriteAllText(Path.Combine(_folder, "bob.xml"), "<user xmlns='urn:xmpp:pie:0' name='bob'/>");

        Assert.Equal(["user a.example alice ", "vCard", "end", "user a.example bob ", "end"], Read(Head + "<xi:include href='sub/a%20host.xml'/></server-data>"));
    }

    [Theory] // XEP-0227 §8: nobody makes us read what is not his
    [InlineData("<server-data xmlns='urn:xmpp:pie:0'><xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='/etc/passwd'/></server-data>", "outside")]
    [InlineData("<server-data xmlns='urn:xmpp:pie:0'><xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='../x.xml'/></server-data>", "outside")]
    [InlineData("<server-data xmlns='urn:xmpp:pie:0'><xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='link.xml'/></server-data>", "link")]
    [InlineData("<server-data xmlns='urn:xmpp:pie:0'><xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='in.xml' parse='text'/></server-data>", "include")]
    [InlineData("<server-data xmlns='urn:xmpp:pie:0'><xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='self.xml'/></server-data>", "deep")]
    [InlineData("<!DOCTYPE server-data [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><server-data xmlns='urn:xmpp:pie:0'/>", "DTD")]
    [InlineData("<users/>", "no file of accounts")]
    [InlineData("<server-data xmlns='urn:xmpp:pie:0'><host jid='a'><user name='b'>", "line")]
    [InlineData("", "line")]
    public void What_no_file_of_accounts_should_hold_ends_the_reading(string xml, string why)
    {
        File.CreateSymbolicLink(Path.Combine(_folder, "link.xml"), "/etc/hostname");
        File.WriteAllText(Path.Combine(_folder, "self.xml"), "<xi:include xmlns:xi='http://www.w3.org/2001/XInclude' href='self.xml'/>");

        var refused = Assert.Throws<FormatException>(() => Read(xml));

        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    [Fact] // constant memory
    public void A_long_file_takes_no_more_memory_than_a_short_one()
    {
        var path = Path.Combine(_folder, "long.xml");
        using (var writer = new StreamWriter(path, append: false, new UTF8Encoding(false)))
        {
            writer.Write(Head + "<host jid='a.example'><user name='alice'><offline-messages>");
            for (var i = 0; i < 60_000; i++)
            {
                writer.Write($"<message xmlns='jabber:client' id='{i}'><body>{new string('x', 300)}</body></message>");
            }

            writer.Write("</offline-messages></user></host></server-data>");
        }

        var before = GC.GetTotalMemory(forceFullCollection: true);
        long most = 0;
        long count = 0;
        foreach (var found in Reader().Read(path))
        {
            if (++count % 10_000 == 0)
            {
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true));
            }
        }

        Assert.Equal(60_002, count);
        Assert.True(most - before < 4_000_000, $"{most - before} bytes of a file of {new FileInfo(path).Length}");
    }

    private static PortableReader Reader() => new(name => name == new XmlQualifiedName("offline-messages", "urn:xmpp:pie:0"));

    private List<string> Read(string xml)
    {
        var path = Path.Combine(_folder, "in.xml");
        File.WriteAllText(path, xml);
        return [.. Reader().Read(path).Select(found => found switch
        {
            UserBegins begins => $"user {begins.Host} {begins.Name} {begins.Password}",
            UserElement { Container: { } container } inner => $"{container.Name}/{inner.Xml.Name}",
            UserElement element => element.Xml.Name,
            UserEnds => "end",
            _ => "passed over",
        })];
    }

    [CollectionDefinition(MeasuringAlone, DisableParallelization = true)]
    public sealed class Alone;
}
