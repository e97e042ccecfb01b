using Meerkat.Core.Hosts;
using Meerkat.Core.Routing;
using Meerkat.Core.Storage;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Mam;

/// <summary>Answers requests to one kind of archive: forms, queries, preferences, metadata (MAM-020 to MAM-048).</summary>
internal sealed class ArchiveAnswers(HostType host, string kind, ArchiveSettings settings, IArchiveStore store, ArchiveWriter writer, ArchivePreferenceCache? preferences, ILogger log)
{
    private readonly ArchiveShapers _shapers = new(host, log);

    /// <summary>Answers a request, after the wait that its shaper wants. Messages of a page are sent to the requester before.</summary>
    /// <returns>The result, or why not.</returns>
    public ValueTask<IqReply> AnswerAsync(ArchiveRequest request, CancellationToken ct) =>
        Admit(request, out var action, out var wait) is { } refused ? new ValueTask<IqReply>(IqReply.Error(refused))
        : wait > TimeSpan.Zero ? AnswerLaterAsync(request, action, wait, ct)
        : AnswerAsync(request, action, ct);

    /// <summary>Whether a request is one, is allowed, and comes not too soon after others (MAM-044, MAM-045, MAM-063).</summary>
    /// <param name="request">The request.</param>
    /// <param name="action">What it wants.</param>
    /// <param name="wait">How long it is to wait.</param>
    /// <returns>Why not; null when it is to be answered.</returns>
    public StanzaError? Admit(ArchiveRequest request, out string action, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        var isSet = request.Iq.Type is IqType.Set;
        action = (request.Payload.Name, isSet) switch
        {
            ("query", true) => "lookup_messages",
            ("query", false) => "get_message_form",
            ("prefs", true) => "set_prefs",
            ("prefs", false) => "get_prefs",
            ("metadata", false) when request.Namespace == Ns.Mam => "get_metadata",
            _ => "",
        };
        if (action.Length == 0)
        {
            return StanzaError.BadRequest();
        }

        var rule = $"{(request.IsRoom ? "muc_mam" : "mam")}_{action}";
        if (!IsAllowed(request, rule, action))
        {
            MamMetrics.Refused(kind);
            return StanzaError.NotAllowed(
                !request.IsRoom ? "This is for the archive's owner only." : action is "set_prefs" ? "This is for owners of the room only." : "This is for members of the room only.");
        }

        if (!_shapers.TryTake(rule, request.Iq.From!, request.Owner.Domain, out wait))
        {
            MamMetrics.Flooded(kind);
            return StanzaError.ResourceConstraint("The action is cancelled because of flooding.");
        }

        return null;
    }

    /// <summary>As <see cref="AnswerAsync(ArchiveRequest, CancellationToken)"/>, for a request that <see cref="Admit"/> wants to wait.</summary>
    public async ValueTask<IqReply> AnswerLaterAsync(ArchiveRequest request, string action, TimeSpan wait, CancellationToken ct)
    {
        await Task.Delay(wait, host.Server.Time, ct);
        return await AnswerAsync(request, action, ct);
    }

    /// <summary>Answers a request that <see cref="Admit"/> let through.</summary>
    public async ValueTask<IqReply> AnswerAsync(ArchiveRequest request, string action, CancellationToken ct)
    {
        try
        {
            return action switch
            {
                "lookup_messages" => await QueryAsync(request, ct),
                "get_message_form" => IqReply.Result(Form(request.Namespace)),
                "set_prefs" => await SetPreferencesAsync(request, ct),
                "get_prefs" => await GetPreferencesAsync(request, ct),
                _ => await MetadataAsync(request, ct),
            };
        }
        catch (Exception late) when (late is StorageBusyException or TimeoutException)
        {
            return IqReply.Error(StanzaError.ServiceUnavailable("The archive did not answer in time (timeout).")); // MAM-046
        }
        catch (System.Runtime.InteropServices.ExternalException failure) // what a database throws
        {
            MamLog.RequestFailed(log, failure, request.Payload.Name, request.Owner);
            return IqReply.Error(StanzaError.InternalServerError());
        }
    }

    // MAM-044, MAM-063: a rule decides where there is one.
    private bool IsAllowed(ArchiveRequest request, string rule, string action) =>
        host.Access.Decide(rule, request.Owner.Domain, request.Iq.From!) ?? (action == "set_prefs" ? request.MaySet : request.MayRead);

    // MAM-030
    private XmlElement Form(string ns)
    {
        var form = new DataFormBuilder(DataFormType.Form, ns)
            .Add("with", DataFieldType.JidSingle)
            .Add("start", DataFieldType.TextSingle)
            .Add("end", DataFieldType.TextSingle);
        if (ns == Ns.Mam)
        {
            form.Add("before-id", DataFieldType.TextSingle).Add("after-id", DataFieldType.TextSingle);
            if (store.Abilities.HasFlag(ArchiveAbilities.GroupchatFilter))
            {
                form.Add("include-groupchat", DataFieldType.Boolean);
            }

            var validate = new XmlBuilder("validate", Ns.DataValidation).Attribute("datatype", "xs:string").Element("open").Build();
            form.Add(new DataField("ids", DataFieldType.ListMulti) { Extensions = [validate] });
        }

        if (settings.SearchesText && store.Abilities.HasFlag(ArchiveAbilities.TextSearch))
        {
            form.Add(ArchiveQueryReader.TextNewVar, DataFieldType.TextSingle).Add(ArchiveQueryReader.TextOldVar, DataFieldType.TextSingle);
        }

        return new XmlBuilder("query", ns).Add(form.Build().ToXml()).Build();
    }

    private async ValueTask<IqReply> QueryAsync(ArchiveRequest request, CancellationToken ct)
    {
        if (ArchiveQueryReader.Read(request, settings, out var asked) is { } bad)
        {
            return IqReply.Error(bad);
        }

        var query = asked!.Query;
        if ((asked.IsSearch && !store.Abilities.HasFlag(ArchiveAbilities.TextSearch)) || (query.WithoutGroupchat && !store.Abilities.HasFlag(ArchiveAbilities.GroupchatFilter)))
        {
            return IqReply.Error(StanzaError.FeatureNotImplemented("The archive's store cannot do this."));
        }

        await writer.SettleAsync(request.Owner, ct);
        var began = host.Server.Time.GetTimestamp();
        ArchivePage? page;
        if (asked.Ids.Count > 0)
        {
            var found = await store.GetAsync(request.Owner, asked.Ids, ct);
            page = found.Count == asked.Ids.Count ? new ArchivePage(found, true, found.Count, null) : null; // MAM-038
        }
        else
        {
            page = asked.Named.Count > 0 && (await store.GetAsync(request.Owner, asked.Named, ct)).Count < asked.Named.Count ? null : await store.QueryAsync(request.Owner, query, ct);
        }

        if (page is null)
        {
            return IqReply.Error(StanzaError.ItemNotFound("There is no message of that id.")); // MAM-037
        }

        MamMetrics.LookedUp(kind, query.IsSimple, page.Messages.Count, host.Server.Time.GetElapsedTime(began));
        var messages = page.Messages;
        if (asked.IsFlipped)
        {
            messages = [.. messages.Reverse()];
        }

        await SendAsync(request, messages, ct);
        var set = new ResultSetPage(
            messages.Count > 0 ? new StanzaId(messages[0].Id).ToString() : null,
            messages.Count > 0 ? new StanzaId(messages[^1].Id).ToString() : null,
            page.Index is { } index ? (int)Math.Min(index, int.MaxValue) : null,
            page.Count is { } count ? (int)Math.Min(count, int.MaxValue) : null);
        var fin = new XmlBuilder("fin", request.Namespace).Attribute("complete", page.IsLast ? "true" : null).Add(set.ToXml()).Build();
        return IqReply.Result(fin);
    }

    // MAM-032
    private async ValueTask SendAsync(ArchiveRequest request, IReadOnlyList<ArchivedMessage> messages, CancellationToken ct)
    {
        var results = new ArchiveResults(request, log);
        var session = request.Iq.From is FullJid asking ? await host.Server.Sessions.FindAsync(asking, ct) : null;
        foreach (var message in messages)
        {
            var result = results.Of(message);

            // Straight to who asked: no list, archive or copy has to do with it. A requester that is gone has no use for it (MAM-017).
            if (session is null)
            {
                await host.Server.Router.RouteAsync(result, ct);
            }
            else if (session is Core.Sessions.Session local)
            {
                await local.Output.ReadyAsync(ct); // a page of large messages is more than may wait for a slow peer
                local.Reply(result);
            }
            else
            {
                session.Deliver(result);
            }
        }
    }

    private async ValueTask<IqReply> GetPreferencesAsync(ArchiveRequest request, CancellationToken ct)
    {
        if (preferences is null)
        {
            return IqReply.Error(StanzaError.FeatureNotImplemented("There are no preferences here.")); // MAM-020
        }

        MamMetrics.Preferences(kind, "get");
        return IqReply.Result(ArchivePreferencesXml.Write(await preferences.GetAsync(request.Owner, ct), request.Namespace));
    }

    private async ValueTask<IqReply> SetPreferencesAsync(ArchiveRequest request, CancellationToken ct)
    {
        if (preferences is null)
        {
            return IqReply.Error(StanzaError.FeatureNotImplemented("There are no preferences here."));
        }

        if (ArchivePreferencesXml.Read(request.Payload) is not { } wanted)
        {
            return IqReply.Error(StanzaError.BadRequest("The default must be \"always\", \"never\" or \"roster\".")); // MAM-021
        }

        await preferences.SetAsync(request.Owner, wanted, ct);
        MamMetrics.Preferences(kind, "set");
        return IqReply.Result(ArchivePreferencesXml.Write(wanted, request.Namespace)); // MAM-024
    }

    // MAM-047
    private async ValueTask<IqReply> MetadataAsync(ArchiveRequest request, CancellationToken ct)
    {
        await writer.SettleAsync(request.Owner, ct);
        var metadata = new XmlBuilder("metadata", request.Namespace);
        if (await store.BoundsAsync(request.Owner, ct) is var (first, last))
        {
            foreach (var (name, id) in new[] { ("start", new StanzaId(first)), ("end", new StanzaId(last)) })
            {
                metadata.Start(name).Attribute("id", id.ToString()).Attribute("timestamp", XmppDateTime.Format(id.Time)).End();
            }
        }

        return IqReply.Result(metadata.Build());
    }
}
