using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Mam;

/// <summary>Preferences on the wire (XEP-0441 v0.2.0, MAM-020 to MAM-024). Pure.</summary>
internal static class ArchivePreferencesXml
{
    /// <summary>Reads a <c>prefs</c> element: null when its default is none of the three. Addresses that are none are passed over.</summary>
    public static ArchivePreferences? Read(XmlElement prefs)
    {
        ArchiveDefault? standard = prefs.Attribute("default") switch
        {
            "always" => ArchiveDefault.Always,
            "never" => ArchiveDefault.Never,
            "roster" => ArchiveDefault.Roster,
            _ => null,
        };
        return standard is { } known ? new ArchivePreferences(known, Jids(prefs.Child("always")), Jids(prefs.Child("never"))) : null;
    }

    /// <summary>The element, in the namespace in which was asked.</summary>
    public static XmlElement Write(ArchivePreferences preferences, string ns)
    {
        var prefs = new XmlBuilder("prefs", ns).Attribute("default", preferences.Default.ToString().ToLowerInvariant());
        Add(prefs.Start("always"), preferences.Always).End();
        Add(prefs.Start("never"), preferences.Never).End();
        return prefs.Build();
    }

    private static List<Jid> Jids(XmlElement? list)
    {
        var jids = new List<Jid>();
        var known = new HashSet<Jid>(); // a client may list thousands
        if (list is { } found)
        {
            foreach (var child in found.Children)
            {
                if (child.Is("jid", found.Namespace) && Jid.TryParse(child.Text, out var jid) && known.Add(jid))
                {
                    jids.Add(jid);
                }
            }
        }

        return jids;
    }

    private static XmlBuilder Add(XmlBuilder list, IReadOnlyList<Jid> jids)
    {
        foreach (var jid in jids)
        {
            list.Element("jid", jid.ToString());
        }

        return list;
    }
}
