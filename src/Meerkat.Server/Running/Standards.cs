using System.Reflection;
using System.Text;
using Meerkat.Connections.Clients;
using Meerkat.Core.Modules;
using Meerkat.Core.Streams;
using Meerkat.Xmpp;

namespace Meerkat.Server.Running;

/// <summary>The RFCs and XEPs that the server implements, from the attributes of modules and of the core: <c>docs/standards.md</c> and <c>doap.xml</c> are these texts.</summary>
public static class Standards
{
    // What is not a module carries its attributes as well.
    private static readonly Assembly[] s_core = [typeof(Ns).Assembly, typeof(ClientStream).Assembly, typeof(ClientListener).Assembly];

    /// <summary>All XEPs: number, version, what is left out, and who implements it; by number.</summary>
    public static IReadOnlyList<(XepAttribute Xep, string Where)> Xeps { get; } =
    [
        .. ModulesHere.Catalogue.All.SelectMany(module => module.Xeps.Select(xep => (xep, module.Key)))
            .Concat(s_core.SelectMany(assembly => assembly.GetTypes()).SelectMany(type => type.GetCustomAttributes<XepAttribute>().Select(xep => (xep, "core"))))
            .OrderBy(entry => entry.xep.Number).ThenBy(entry => entry.Item2, StringComparer.Ordinal),
    ];

    /// <summary>All RFCs and who implements them; by number.</summary>
    public static IReadOnlyList<(int Rfc, string Where)> Rfcs { get; } =
    [
        .. ModulesHere.Catalogue.All.SelectMany(module => module.Rfcs.Select(rfc => (rfc, module.Key)))
            .Concat(s_core.SelectMany(assembly => assembly.GetTypes()).SelectMany(type => type.GetCustomAttributes<RfcAttribute>().Select(rfc => (rfc.Number, "core"))))
            .Distinct().OrderBy(entry => entry.Item1).ThenBy(entry => entry.Item2, StringComparer.Ordinal),
    ];

    /// <summary>The page <c>docs/standards.md</c>.</summary>
    public static string Page()
    {
        var page = new StringBuilder("# Standards\n\nMade by `meerkat standards` from the attributes of the modules; do not edit.\n\n## RFCs\n\n| RFC | where |\n|---|---|\n");
        foreach (var (rfc, where) in Rfcs)
        {
            page.Append($"| [{rfc}](https://www.rfc-editor.org/rfc/rfc{rfc}) | {where} |\n");
        }

        page.Append("\n## XEPs\n\n| XEP | version | where | left out |\n|---|---|---|---|\n");
        foreach (var (xep, where) in Xeps)
        {
            page.Append($"| [{xep.Number:0000}](https://xmpp.org/extensions/xep-{xep.Number:0000}.html) | {xep.Version} | {where} | {xep.Partial} |\n");
        }

        return page.ToString();
    }

    /// <summary>The file <c>doap.xml</c> (XEP-0453).</summary>
    public static string Doap()
    {
        var doap = new StringBuilder("""
            <?xml version="1.0" encoding="UTF-8"?>
            <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://usefulinc.com/ns/doap#" xmlns:xmpp="https://linkmauve.fr/ns/xmpp-doap#">
              <Project>
                <name>Meerkat</name>
                <shortdesc xml:lang="en">XMPP messaging server</shortdesc>
                <programming-language>C#</programming-language>
                <os>Linux</os>

            """);
        foreach (var rfc in Rfcs.Select(entry => entry.Rfc).Distinct())
        {
            doap.Append($"    <implements rdf:resource=\"https://xmpp.org/rfcs/rfc{rfc}.html\"/>\n");
        }

        foreach (var xep in Xeps.Select(entry => entry.Xep).DistinctBy(xep => xep.Number))
        {
            doap.Append($"""
                    <implements>
                      <xmpp:SupportedXep>
                        <xmpp:xep rdf:resource="https://xmpp.org/extensions/xep-{xep.Number:0000}.html"/>
                        <xmpp:version>{xep.Version}</xmpp:version>
                        <xmpp:status>{(xep.Partial is null ? "complete" : "partial")}</xmpp:status>
                      </xmpp:SupportedXep>
                    </implements>

                """);
        }

        return doap.Append("  </Project>\n</rdf:RDF>\n").ToString();
    }
}
