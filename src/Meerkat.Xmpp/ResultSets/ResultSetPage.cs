using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Meerkat.Xml;

namespace Meerkat.Xmpp;

/// <summary>Which page of a result set an answer holds: <c>&lt;set/&gt;</c> in a response (XEP-0059 v1.0).</summary>
/// <param name="First">Id of the first item; null for an empty page.</param>
/// <param name="Last">Id of the last item; null for an empty page.</param>
/// <param name="FirstIndex">Index of the first item in the full set, from 0; null when not known.</param>
/// <param name="Count">Items in the full set; null when not known.</param>
public sealed record ResultSetPage(string? First, string? Last, int? FirstIndex, int? Count)
{
    /// <summary>The element.</summary>
    public XmlElement ToXml()
    {
        var set = new XmlBuilder("set", Ns.ResultSet);
        if (First is not null)
        {
            set.Start("first").Attribute("index", FirstIndex?.ToString(CultureInfo.InvariantCulture)).Text(First).End();
        }

        if (Last is not null)
        {
            set.Element("last", Last);
        }

        if (Count is { } count)
        {
            set.Element("count", count.ToString(CultureInfo.InvariantCulture));
        }

        return set.Build();
    }

    /// <summary>Reads the element. False when it is another one, or a number in it is none.</summary>
    /// <param name="set">The <c>&lt;set/&gt;</c>.</param>
    /// <param name="page">What it says, or null.</param>
    public static bool TryRead(XmlElement set, [NotNullWhen(true)] out ResultSetPage? page)
    {
        page = null;
        if (!set.Is("set", Ns.ResultSet)
            || !ResultSetNumber.TryRead(set.Child("first")?.Attribute("index"), out var index)
            || !ResultSetNumber.TryRead(set.ChildText("count"), out var count))
        {
            return false;
        }

        page = new ResultSetPage(set.ChildText("first"), set.ChildText("last"), index, count);
        return true;
    }

    /// <summary>Cuts the page out of a full set that is at hand in its order.</summary>
    /// <param name="all">The full set.</param>
    /// <param name="request">What was asked for; <c>before</c> without <c>max</c> ends the page and does not begin it.</param>
    /// <param name="idOf">An item's id, unique in the set.</param>
    /// <param name="items">The items of the page in the order of the set; empty when <c>max</c> is 0 or the index is behind the end.</param>
    /// <param name="page">What to tell the requester; its count is exact.</param>
    /// <returns>False when <c>after</c> or <c>before</c> names no item: <c>item-not-found</c> (§2.4).</returns>
    public static bool TryCut<T>(
        IReadOnlyList<T> all, ResultSetRequest request, Func<T, string> idOf, out IReadOnlyList<T> items, [NotNullWhen(true)] out ResultSetPage? page)
    {
        items = [];
        page = null;
        var start = 0;
        var end = all.Count;
        if (request.After is { Length: > 0 } after)
        {
            var at = IndexOf(all, after, idOf);
            if (at < 0)
            {
                return false;
            }

            start = at + 1;
        }

        if (request.Before is { Length: > 0 } before)
        {
            end = IndexOf(all, before, idOf);
            if (end < 0)
            {
                return false;
            }
        }

        start = Math.Max(start, Math.Min(request.Index ?? 0, all.Count));
        var count = Math.Min(Math.Max(end - start, 0), request.Max ?? int.MaxValue);
        if (request.Before is not null)
        {
            start = Math.Max(start, end - count); // backwards: the page nearest to its end
        }

        if (count > 0)
        {
            items = [.. all.Skip(start).Take(count)];
        }

        page = count > 0
            ? new ResultSetPage(idOf(items[0]), idOf(items[^1]), start, all.Count)
            : new ResultSetPage(null, null, null, all.Count);
        return true;
    }

    private static int IndexOf<T>(IReadOnlyList<T> all, string id, Func<T, string> idOf)
    {
        for (var i = 0; i < all.Count; i++)
        {
            if (idOf(all[i]) == id)
            {
                return i;
            }
        }

        return -1;
    }
}
