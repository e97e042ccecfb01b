using System.Globalization;
using Meerkat.Xml;

namespace Meerkat.Core.Cluster;

/// <summary>What the nodes that are the authority together tell each other.</summary>
internal static class RegistryMessages
{
    public const string Namespace = "meerkat:cluster";

    /// <summary>The question was asked in another view.</summary>
    public static byte[] Stale() => new XmlBuilder("stale", Namespace).Build().ToUtf8();

    /// <summary>What the authority says of an account, for the one that keeps a copy.</summary>
    public static byte[] Copy(ClusterView view, AccountSessions now)
    {
        var builder = new XmlBuilder("copy", Namespace).Attribute("view", Text(view.Version)).Start("sessions");
        RegistryCodec.Add(builder, now);
        return builder.End().Build().ToUtf8();
    }

    /// <summary>An answer; empty where nothing has changed.</summary>
    public static byte[] Encode(RegistryChange? change)
    {
        var builder = new XmlBuilder("change", Namespace);
        if (change is not null)
        {
            builder.Start("sessions");
            RegistryCodec.Add(builder, change.Now);
            builder.End();
            if (change.Replaced is { } replaced)
            {
                builder.Start("replaced").Add(replaced.Encode()).End();
            }

            foreach (var holder in change.Holders)
            {
                builder.Element("holder", holder.ToString());
            }
        }

        return builder.Build().ToUtf8();
    }

    /// <summary>The change of an answer; null where nothing has changed.</summary>
    public static RegistryChange? ChangeOf(XmlElement reply)
    {
        AccountSessions? now = null;
        SessionRecord? replaced = null;
        var holders = new List<ClusterNode>();
        foreach (var child in reply.Children)
        {
            switch (child.Name)
            {
                case "sessions":
                    now = RegistryCodec.DecodeAccount(child);
                    break;
                case "replaced":
                    replaced = SessionRecord.Decode(child.FirstChild!.Value);
                    break;
                default:
                    holders.Add(ClusterNode.Parse(child.Text));
                    break;
            }
        }

        return now is null ? null : new RegistryChange(now, replaced, holders);
    }

    public static long Number(XmlElement element, string name) => long.Parse(element.Attribute(name)!, CultureInfo.InvariantCulture);

    public static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
