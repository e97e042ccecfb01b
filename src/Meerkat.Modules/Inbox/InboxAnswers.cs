using Meerkat.Core.Hosts;
using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Inbox;

/// <summary>Answers an account that asks for its inbox (INB-020 to INB-026, INB-035).</summary>
internal sealed class InboxAnswers(HostType host, InboxOptions options, IInboxStore store)
{
    private readonly string[] _boxes = [InboxBox.All, InboxBox.Inbox, InboxBox.Archive, InboxBox.Bin, .. options.Boxes];

    public async ValueTask<IqReply> HandleAsync(IqRequest request, CancellationToken ct)
    {
        var payload = request.Payload;
        switch (payload.Name, request.Type)
        {
            case (_, IqType.Get):
                return IqReply.Result(new XmlBuilder("query", Ns.Inbox).Add(Form()).Build());
            case ("inbox", IqType.Set):
                return await QueryAsync(request, ct);
            case ("empty-bin", IqType.Set):
                var removed = await store.EmptyBinAsync(request.Account, long.MaxValue, ct);
                return IqReply.Result(new XmlBuilder("empty-bin", Ns.Inbox).Element("num", removed.ToString(System.Globalization.CultureInfo.InvariantCulture)).Build());
            default:
                return IqReply.Error(StanzaError.BadRequest());
        }
    }

    private XmlElement Form() => new DataFormBuilder(DataFormType.Form, Ns.Inbox)
        .Add("start", DataFieldType.TextSingle)
        .Add("end", DataFieldType.TextSingle)
        .Add("hidden_read", DataFieldType.TextSingle, "false")
        .Add(new DataField("order", DataFieldType.ListSingle, "desc") { Options = [new DataOption("asc", null), new DataOption("desc", null)] })
        .Add(new DataField("box", DataFieldType.ListSingle, InboxBox.All) { Options = [.. _boxes.Select(box => new DataOption(box, null))] })
        .Add("archive", DataFieldType.Boolean, "false")
        .Build().ToXml();

    private async ValueTask<IqReply> QueryAsync(IqRequest request, CancellationToken ct)
    {
        var filter = new InboxFilter();
        if (ReadForm(request.Payload, ref filter) is { } badField)
        {
            return IqReply.Error(badField);
        }

        if (ReadPage(request.Payload, ref filter, out var isReversed) is { } badPage)
        {
            return IqReply.Error(badPage);
        }

        var entries = filter.Limit == 0 ? [] : await store.QueryAsync(request.Account, filter, ct);
        if (isReversed)
        {
            entries = [.. entries.Reverse()];
        }

        InboxMetrics.Queried();
        var queryId = request.Payload.Attribute("queryid") is { Length: > 0 } given ? given : request.Iq.Id;
        foreach (var entry in entries)
        {
            await SendAsync(request, entry, queryId, ct);
        }

        return IqReply.Result(Fin(entries));
    }

    private static XmlElement Fin(IReadOnlyList<InboxEntry> entries)
    {
        var set = new ResultSetPage(entries.Count > 0 ? InboxRules.IdOf(entries[0]) : null, entries.Count > 0 ? InboxRules.IdOf(entries[^1]) : null, null, null);
        return new XmlBuilder("fin", Ns.Inbox)
            .Add(set.ToXml())
            .Element("count", Text(entries.Count))
            .Element("unread-messages", Text(entries.Sum(entry => entry.Unread)))
            .Element("active-conversations", Text(entries.Count(entry => entry.Unread > 0)))
            .Build();

        static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private async ValueTask SendAsync(IqRequest request, InboxEntry entry, string? queryId, CancellationToken ct)
    {
        var result = new XmlBuilder("result", Ns.Inbox)
            .Attribute("unread", entry.Unread.ToString(System.Globalization.CultureInfo.InvariantCulture))
            .Attribute("queryid", queryId)
            .Add(InboxRules.Forwarded(entry));
        InboxRules.AddProperties(result, entry, entry.Unread == 0, host.Server.Time.GetUtcNow());
        var message = Message.Create(MessageType.Normal, request.Account, request.From, Guid.NewGuid().ToString(), result.Build());
        if (request.Origin is { } session)
        {
            await session.Output.ReadyAsync(ct); // an inbox may be of any length
            session.Reply(message);
        }
        else
        {
            await host.Server.Router.RouteAsync(message, ct);
        }
    }

    // INB-022: the first thing that is wrong is named.
    private StanzaError? ReadForm(XmlElement payload, ref InboxFilter filter)
    {
        if (payload.Child("x", Ns.DataForms) is not { } x)
        {
            return null;
        }

        if (!DataForm.TryRead(x.Attribute("type") is null ? x.WithAttribute("type", "submit") : x, out var form))
        {
            return StanzaError.BadRequest("invalid form");
        }

        bool? archive = null;
        foreach (var field in form.Fields)
        {
            var value = field.Value ?? "";
            switch (field.Var)
            {
                case null or DataForm.FormTypeVar:
                    break;
                case "start" when XmppDateTime.TryParse(value, out var start):
                    filter = filter with { Start = InboxTime.Microseconds(start) };
                    break;
                case "end" when XmppDateTime.TryParse(value, out var end):
                    filter = filter with { End = InboxTime.Microseconds(end) };
                    break;
                case "order" when value is "asc" or "desc":
                    filter = filter with { IsAscending = value == "asc" };
                    break;
                case "hidden_read" when value is "true" or "false":
                    filter = filter with { IsUnread = value == "true" };
                    break;
                case "archive" when field.TryGetBoolean(out var isArchive):
                    archive = isArchive;
                    break;
                case "box" when _boxes.Contains(value):
                    filter = filter with { Box = value };
                    break;
                default:
                    return StanzaError.BadRequest($"Invalid inbox form field value, field={field.Var}, value={value}");
            }
        }

        if (filter.Box is null && archive is { } wanted)
        {
            filter = filter with { Box = wanted ? InboxBox.Archive : InboxBox.Inbox };
        }

        return null;
    }

    // INB-024
    private StanzaError? ReadPage(XmlElement payload, ref InboxFilter filter, out bool isReversed)
    {
        isReversed = false;
        var most = options.MaxResultLimit ?? int.MaxValue;
        filter = filter with { Limit = most };
        if (payload.Child("set", Ns.ResultSet) is not { } set)
        {
            return null;
        }

        if (!ResultSetRequest.TryRead(set, out var page))
        {
            return StanzaError.BadRequest("bad-request");
        }

        if (page.Index is not null)
        {
            return StanzaError.FeatureNotImplemented("A page cannot be asked for by its number.");
        }

        filter = filter with { Limit = Math.Min(page.Max ?? int.MaxValue, most) };
        if (page.Before is { } before)
        {
            // From there towards the newest: fetched upwards, shown downwards.
            isReversed = true;
            filter = filter with { IsAscending = true };
            if (before.Length > 0)
            {
                if (!InboxRules.TryReadId(before, out var id))
                {
                    return StanzaError.BadRequest("bad-request");
                }

                filter = filter with { NewerThan = id, Start = 0 };
            }
        }
        else if (page.After is { Length: > 0 } after)
        {
            if (!InboxRules.TryReadId(after, out var id))
            {
                return StanzaError.BadRequest("bad-request");
            }

            filter = filter with { OlderThan = id, End = long.MaxValue };
        }

        return null;
    }
}
