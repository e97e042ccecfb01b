using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Privacy;

/// <summary>Privacy lists as XML: on the wire (XEP-0016 §2) and, with the blocking action, in stores.</summary>
public static class PrivacyXml
{
    /// <summary>Longest name of a list, in bytes of UTF-8.</summary>
    public const int MaxNameBytes = 1023;

    /// <summary>Reads a list that a client sent. Items that make no sense are left out (PRV-003).</summary>
    /// <param name="element">The <c>list</c>.</param>
    /// <param name="list">The list, its items by order; null when it is refused.</param>
    /// <returns>
    /// False where it has no name or a name beyond <see cref="MaxNameBytes"/>, holds something that is no item, holds two items of one order (XEP-0016 §2.1), or holds items
    /// and none that makes sense: an empty list is a removal, and nobody meant that.
    /// </returns>
    public static bool TryRead(XmlElement element, [NotNullWhen(true)] out PrivacyList? list) => TryRead(element, false, out list);

    /// <summary>Reads a list that a store wrote with <see cref="Store"/>.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static PrivacyList ReadStored(string xml) =>
        TryRead(XmlElement.Parse(Encoding.UTF8.GetBytes(xml), "", XmlLimits.Unlimited), true, out var list) ? list : throw new FormatException("a stored privacy list cannot be read");

    /// <summary>The list with everything, for a store.</summary>
    public static string Store(PrivacyList list) => Write(list, true).ToString();

    /// <summary>The list as a client sees it.</summary>
    public static XmlElement Write(PrivacyList list) => Write(list, false);

    private static bool TryRead(XmlElement element, bool stored, [NotNullWhen(true)] out PrivacyList? list)
    {
        list = null;
        if (element.Attribute("name") is not { Length: > 0 } name || Encoding.UTF8.GetByteCount(name) > MaxNameBytes)
        {
            return false;
        }

        var items = new List<PrivacyItem>();
        foreach (var child in element.Children)
        {
            if (!child.Is("item", Ns.Privacy))
            {
                return false;
            }

            if (ReadItem(child, stored) is { } item)
            {
                items.Add(item);
            }
        }

        if (items.Count == 0 && element.Children.Count > 0)
        {
            return false;
        }

        var ordered = items.OrderBy(item => item.Order).ToArray();
        for (var i = 1; i < ordered.Length && !stored; i++)
        {
            if (ordered[i].Order == ordered[i - 1].Order)
            {
                return false;
            }
        }

        list = new PrivacyList(name, ordered);
        return true;
    }

    private static PrivacyItem? ReadItem(XmlElement element, bool stored)
    {
        PrivacyAction? action = element.Attribute("action") switch
        {
            "allow" => PrivacyAction.Allow,
            "deny" => PrivacyAction.Deny,
            "block" when stored => PrivacyAction.Block,
            _ => null,
        };
        if (action is null
            || !uint.TryParse(element.Attribute("order"), NumberStyles.None, CultureInfo.InvariantCulture, out var order)
            || !TryReadMatch(element.Attribute("type"), element.Attribute("value"), out var match, out var value)
            || !TryReadScope(element, out var scope))
        {
            return null;
        }

        return new PrivacyItem(order, action.Value, match, value, scope);
    }

    private static bool TryReadMatch(string? type, string? given, out PrivacyMatch match, out string value)
    {
        (match, value) = (PrivacyMatch.Anybody, given ?? "");
        switch (type)
        {
            case null:
                return value.Length == 0;
            case "jid":
                match = PrivacyMatch.Jid;
                value = Jid.TryParse(given, out var jid) ? jid.ToString() : "";
                return value.Length > 0;
            case "group":
                match = PrivacyMatch.Group;
                return value.Length > 0;
            case "subscription":
                match = PrivacyMatch.Subscription;
                return value is "none" or "to" or "from" or "both";
            default:
                return false;
        }
    }

    private static bool TryReadScope(XmlElement element, out PrivacyScope scope)
    {
        scope = PrivacyScope.None;
        foreach (var child in element.Children)
        {
            if (ScopeOf(child) is not { } named)
            {
                return false;
            }

            scope |= named;
        }

        scope = scope is PrivacyScope.None ? PrivacyScope.All : scope;
        return true;
    }

    private static PrivacyScope? ScopeOf(XmlElement child) => !child.IsIn(Ns.Privacy) ? null : child.Name switch
    {
        "message" => PrivacyScope.Message,
        "iq" => PrivacyScope.Iq,
        "presence-in" => PrivacyScope.PresenceIn,
        "presence-out" => PrivacyScope.PresenceOut,
        _ => null,
    };

    private static XmlElement Write(PrivacyList list, bool stored)
    {
        var builder = new XmlBuilder("list", Ns.Privacy).Attribute("name", list.Name);
        foreach (var item in list.Items)
        {
            builder.Start("item");
            if (item.Match is not PrivacyMatch.Anybody)
            {
                builder.Attribute("type", item.Match switch { PrivacyMatch.Jid => "jid", PrivacyMatch.Group => "group", _ => "subscription" }).Attribute("value", item.Value);
            }

            builder.Attribute("action", item.Action switch { PrivacyAction.Allow => "allow", PrivacyAction.Block when stored => "block", _ => "deny" })
                .Attribute("order", item.Order.ToString(CultureInfo.InvariantCulture));
            WriteScope(builder, item.Scope, PrivacyScope.Message, "message");
            WriteScope(builder, item.Scope, PrivacyScope.Iq, "iq");
            WriteScope(builder, item.Scope, PrivacyScope.PresenceIn, "presence-in");
            WriteScope(builder, item.Scope, PrivacyScope.PresenceOut, "presence-out");
            builder.End();
        }

        return builder.Build();
    }

    private static void WriteScope(XmlBuilder builder, PrivacyScope scope, PrivacyScope one, string name)
    {
        if ((scope & one) != 0)
        {
            builder.Element(name);
        }
    }
}
