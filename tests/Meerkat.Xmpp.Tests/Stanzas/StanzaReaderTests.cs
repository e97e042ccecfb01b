using System.Buffers;
using System.Text;
using Meerkat.Xml;
using Xunit;

namespace Meerkat.Xmpp.Tests.Stanzas;

public sealed class StanzaReaderTests
{
    [Theory]
    [InlineData("<c:message xmlns:c='jabber:client' xmlns='other'><x/><c:body>b</c:body></c:message>")]
    [InlineData("<iqx:message xmlns:iqx='jabber:client' xmlns='other'><x/><iqx:body>b</iqx:body></iqx:message>")] // the prefix begins like a stanza's name
    [InlineData("<messages:message xmlns:messages='jabber:client'><x xmlns='other'/><messages:body>b</messages:body></messages:message>")]
    public void A_prefixed_stanza_keeps_the_namespaces_of_its_children(string xml)
    {
        var output = new ArrayBufferWriter<byte>();
        StanzaReader.Read(XmlElement.Parse(xml), null, null)!.WriteTo(output, Ns.Client);
        var written = XmlElement.Parse(Encoding.UTF8.GetString(output.WrittenSpan), Ns.Client);

        Assert.True(written.Is("message", Ns.Client));
        Assert.Equal("other", written.Children[0].Namespace);
        Assert.Equal("b", written.Child("body", Ns.Client)!.Value.Text);
    }
}
