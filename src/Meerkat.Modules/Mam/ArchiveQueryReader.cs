using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Mam;

/// <summary>Reads what a client asks of an archive (MAM-030, MAM-031, MAM-033). Pure.</summary>
internal static class ArchiveQueryReader
{
    public const string Text = "full-text-search";
    public const string TextNew = "fulltext";
    public const string TextOldVar = "{" + Ns.FullTextOld + "}" + Text;
    public const string TextNewVar = "{" + Ns.FullText + "}" + TextNew;

    /// <summary>Reads a <c>query</c> element.</summary>
    /// <param name="request">The request.</param>
    /// <param name="settings">Limits and what is switched on.</param>
    /// <param name="asked">What is asked for; null with an error.</param>
    /// <returns>Null, or why it cannot be read.</returns>
    public static StanzaError? Read(ArchiveRequest request, ArchiveSettings settings, out ArchiveQuestion? asked)
    {
        asked = null;
        var form = FormOf(request.Payload);
        if (ReadPage(request.Payload, settings, out var query) is { } badPage)
        {
            return badPage;
        }

        if (form is null)
        {
            asked = new ArchiveQuestion(query, [], [], IsFlipped(request.Payload));
            return null;
        }

        if (ReadContact(form, request, ref query) is { } badContact)
        {
            return badContact;
        }

        if (ReadTimes(form, ref query) is { } badTime)
        {
            return badTime;
        }

        var named = new List<long>();
        if (ReadBorders(form, named, ref query) is { } badBorder)
        {
            return badBorder;
        }

        var ids = new List<long>();
        foreach (var text in form.ValuesOf("ids"))
        {
            if (!StanzaId.TryParse(text, out var id))
            {
                return BadId();
            }

            ids.Add(id.Value);
        }

        if (ids.Count > settings.MaxPage)
        {
            return StanzaError.PolicyViolation($"At most {settings.MaxPage} messages can be asked for by id at once.");
        }

        var search = form.ValueOf(TextNewVar) ?? form.ValueOf(TextOldVar) ?? form.ValueOf(TextNew) ?? form.ValueOf(Text);
        if (search is not null && !settings.SearchesText)
        {
            return StanzaError.FeatureNotImplemented("Full text search is not enabled."); // MAM-040
        }

        // XEP-0431 §2.2: what is not empty is searched for. A text without a letter or digit has no word, and is in no text: it does not stand for all of them.
        var isSearch = !string.IsNullOrWhiteSpace(search);
        var words = ArchiveText.Words(search);
        if (isSearch && words.Count == 0)
        {
            query = query with { To = -1 };
        }

        asked = new ArchiveQuestion(
            query with
            {
                Words = words,
                WithoutGroupchat = form["include-groupchat"] is { } groupchat && groupchat.TryGetBoolean(out var included) && !included, // MAM-042
                IsSimple = query.IsSimple || (form["simple"] is { } simple && simple.TryGetBoolean(out var isSimple) && isSimple),
            },
            ids,
            named,
            IsFlipped(request.Payload)) { IsSearch = isSearch };
        return null;
    }

    /// <summary>MAM-046.</summary>
    public static StanzaError BadId() => StanzaError.NotAcceptable("An id of the archive is malformed.");

    private static bool IsFlipped(XmlElement query) => query.Child("flip-page") is not null;

    // Clients of old leave the form's type out.
    private static DataForm? FormOf(XmlElement query)
    {
        if (query.Child("x", Ns.DataForms) is not { } x)
        {
            return null;
        }

        return DataForm.TryRead(x.Attribute("type") is null ? x.WithAttribute("type", "submit") : x, out var form) && form.Type is DataFormType.Submit ? form : null;
    }

    private static StanzaError? ReadPage(XmlElement payload, ArchiveSettings settings, out ArchiveQuery query)
    {
        query = new ArchiveQuery { Limit = settings.DefaultPage, IsSimple = settings.OnlySimple };
        if (payload.Child("set", Ns.ResultSet) is not { } set)
        {
            return null;
        }

        if (!ResultSetRequest.TryRead(set, out var page))
        {
            return StanzaError.BadRequest("The page that is asked for is malformed.");
        }

        var max = page.Max;
        if (max is null && set.ChildText("limit") is { } limit)
        {
            if (!int.TryParse(limit, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number))
            {
                return StanzaError.BadRequest("The page that is asked for is malformed.");
            }

            max = number;
        }

        long? after = null;
        long? before = null;
        if (!TryReadId(page.After, ref after) || !TryReadId(page.Before, ref before))
        {
            return BadId();
        }

        query = query with
        {
            Limit = Math.Min(max ?? settings.DefaultPage, settings.MaxPage),
            After = after,
            Before = before,
            FromEnd = page.Before is not null,
            Index = page.After is null && page.Before is null ? page.Index : null,
        };
        return null;
    }

    private static StanzaError? ReadContact(DataForm form, ArchiveRequest request, ref ArchiveQuery query)
    {
        if (form.ValueOf("with") is not { Length: > 0 } text)
        {
            return null;
        }

        if (!Jid.TryParse(text, out var with))
        {
            return StanzaError.BadRequest("The field \"with\" is no JID.");
        }

        // MAM-065: in a room it is the nick that selects; a real address only for who may see those.
        if (request.IsRoom && with.Bare.Equals(request.Owner))
        {
            query = query with { Resource = with.Resource };
        }
        else if (request.IsRoom && !request.SeesIdentities)
        {
            query = query with { To = -1 };
        }
        else
        {
            query = query with { With = with.Bare, Resource = request.IsRoom ? null : with.Resource };
        }

        return null;
    }

    private static StanzaError? ReadTimes(DataForm form, ref ArchiveQuery query)
    {
        if (form.ValueOf("start") is { Length: > 0 } start)
        {
            if (!XmppDateTime.TryParse(start, out var time))
            {
                return StanzaError.BadRequest("The field \"start\" is no date and time.");
            }

            query = query with { From = Math.Max(query.From, StanzaId.First(time).Value) };
        }

        if (form.ValueOf("end") is { Length: > 0 } end)
        {
            if (!XmppDateTime.TryParse(end, out var time))
            {
                return StanzaError.BadRequest("The field \"end\" is no date and time.");
            }

            query = query with { To = Math.Min(query.To, StanzaId.Last(time).Value) };
        }

        return null;
    }

    private static StanzaError? ReadBorders(DataForm form, List<long> named, ref ArchiveQuery query)
    {
        long? from = null;
        long? to = null;
        long? after = null;
        long? before = null;
        if (!TryReadId(form.ValueOf("from-id"), ref from) || !TryReadId(form.ValueOf("to-id"), ref to)
            || !TryReadId(form.ValueOf("after-id"), ref after) || !TryReadId(form.ValueOf("before-id"), ref before))
        {
            return BadId();
        }

        query = query with
        {
            From = Math.Max(Math.Max(query.From, from ?? 0), after is { } low ? low + 1 : 0),
            To = Math.Min(Math.Min(query.To, to ?? long.MaxValue), before is { } high ? high - 1 : long.MaxValue),
        };
        foreach (var id in (long?[])[after, before])
        {
            if (id is { } message && !named.Contains(message))
            {
                named.Add(message);
            }
        }

        return null;
    }

    private static bool TryReadId(string? text, ref long? id)
    {
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }

        if (!StanzaId.TryParse(text, out var parsed))
        {
            return false;
        }

        id = parsed.Value;
        return true;
    }
}

/// <summary>What a client asks of an archive.</summary>
/// <param name="Query">The filter and the page.</param>
/// <param name="Ids">Messages that are asked for by id, which replaces the query; empty when none are.</param>
/// <param name="Named">Messages that must be in the archive because the query's borders name them (XEP-0313 v1.1.3 §4.1.3), each once; empty when none does.</param>
/// <param name="IsFlipped">Whether the page is sent newest first (XEP-0313 §5.3).</param>
internal sealed record ArchiveQuestion(ArchiveQuery Query, IReadOnlyList<long> Ids, IReadOnlyList<long> Named, bool IsFlipped)
{
    /// <summary>Whether a text is searched for, one without words too.</summary>
    public bool IsSearch { get; init; }
}
