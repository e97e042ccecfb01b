using System.Security.Cryptography;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Roster;

/// <summary>Rosters as XML (RFC 6121 §2.1).</summary>
internal static class RosterXml
{
    /// <summary>Value of <c>subscription</c>.</summary>
    public static string SubscriptionName(SubscriptionState state) => (state & SubscriptionState.Both) switch
    {
        SubscriptionState.To => "to",
        SubscriptionState.From => "from",
        SubscriptionState.Both => "both",
        _ => "none",
    };

    /// <summary>The query with all items that clients may see (CORE-195).</summary>
    public static XmlElement Query(IEnumerable<RosterItem> items, string? version)
    {
        var query = new XmlBuilder("query", Ns.Roster).Attribute("ver", version);
        foreach (var item in items)
        {
            if (!item.IsHidden)
            {
                Add(query, item);
            }
        }

        return query.Build();
    }

    /// <summary>The query of a push: one item, or its removal.</summary>
    public static XmlElement Push(RosterItem? before, RosterItem? after, string? version)
    {
        var query = new XmlBuilder("query", Ns.Roster).Attribute("ver", version);
        if (after is not null)
        {
            Add(query, after);
        }
        else
        {
            query.Start("item").Attribute("jid", before!.Contact.ToString()).Attribute("subscription", "remove").End();
        }

        return query.Build();
    }

    /// <summary>A version that is a hash of the visible items, whatever their order (ROS-004).</summary>
    public static string Hash(IEnumerable<RosterItem> items)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var item in items.Where(item => !item.IsHidden).OrderBy(item => item.Contact.ToString(), StringComparer.Ordinal))
        {
            var builder = new XmlBuilder("query", Ns.Roster);
            Add(builder, item with { Groups = [.. item.Groups.Order(StringComparer.Ordinal)] });
            hash.AppendData(builder.Build().Raw);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 16));
    }

    /// <summary>What a client wants an item to be: everything but its subscription.</summary>
    /// <param name="element">The <c>item</c>.</param>
    /// <param name="contact">Its address.</param>
    /// <param name="before">What it is now; null for a new one.</param>
    public static RosterItem Read(XmlElement element, Jid contact, RosterItem? before)
    {
        var groups = new List<string>();
        var extensions = new List<XmlElement>();
        foreach (var child in element.Children)
        {
            if (child.Is("group", Ns.Roster))
            {
                if (child.Text is { Length: > 0 } group && !groups.Contains(group))
                {
                    groups.Add(group);
                }
            }
            else if (child.Namespace is not ("" or Ns.Roster))
            {
                extensions.Add(child.Detach());
            }
        }

        return (before ?? new RosterItem(contact)) with
        {
            Name = element.Attribute("name") ?? before?.Name ?? "", // ROS-005: no name keeps the old one
            Groups = groups,
            Extensions = extensions.Count > 0 || before is null ? extensions : before.Extensions, // a client that does not know them must not remove them
        };
    }

    /// <summary>Whether an item's texts are within <see cref="RosterLimits"/>.</summary>
    public static bool IsAcceptable(RosterItem item) =>
        item.Name.Length <= RosterLimits.Name
        && item.Groups.Count <= RosterLimits.Groups
        && item.Groups.All(group => group.Length <= RosterLimits.Group)
        && item.Extensions.Sum(extension => extension.Raw.Length) <= RosterLimits.Extensions;

    private static void Add(XmlBuilder query, RosterItem item)
    {
        query.Start("item")
            .Attribute("jid", item.Contact.ToString())
            .Attribute("subscription", SubscriptionName(item.State))
            .Attribute("ask", (item.State & SubscriptionState.PendingOut) != 0 ? "subscribe" : null)
            .Attribute("name", item.Name.Length > 0 ? item.Name : null);
        foreach (var group in item.Groups)
        {
            query.Element("group", group);
        }

        query.Add(item.Extensions).End();
    }
}
