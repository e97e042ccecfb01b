using Meerkat.Core.Hosts;
using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Inbox;

/// <summary>Answers an account that asks for one conversation or changes it (INB-030 to INB-034).</summary>
internal sealed class ConversationAnswers(HostType host, InboxOptions options, IInboxStore store)
{
    private readonly string[] _boxes = [InboxBox.Inbox, InboxBox.Archive, InboxBox.Bin, .. options.Boxes];

    public async ValueTask<IqReply> HandleAsync(IqRequest request, CancellationToken ct) => (request.Payload.Name, request.Type) switch
    {
        ("query", IqType.Get) => await GetAsync(request, ct),
        ("query", IqType.Set) => await SetAsync(request, ct),
        ("reset", IqType.Set) => await ResetAsync(request, ct),
        _ => IqReply.Error(StanzaError.BadRequest("bad-request")),
    };

    private async ValueTask<IqReply> GetAsync(IqRequest request, CancellationToken ct)
    {
        if (!Jid.TryParse(request.Payload.Attribute("jid"), out var jid))
        {
            return IqReply.Result(new XmlBuilder("query", Ns.InboxConversation).Add(Form()).Build());
        }

        if (await store.FindAsync(request.Account, jid.Bare, ct) is not { } entry)
        {
            return IqReply.Error(StanzaError.ItemNotFound("item-not-found"));
        }

        var query = new XmlBuilder("query", Ns.InboxConversation).Attribute("jid", jid.Bare.ToString());
        if (request.Payload.Attribute("complete") is "true" or "1")
        {
            query.Add(InboxRules.Forwarded(entry));
        }

        return IqReply.Result(InboxRules.AddProperties(query, entry, entry.Unread == 0, host.Server.Time.GetUtcNow()).Build());
    }

    private XmlElement Form() => new DataFormBuilder(DataFormType.Form, Ns.InboxConversation)
        .Add(new DataField("box", DataFieldType.ListSingle, InboxBox.Inbox) { Options = [.. _boxes.Select(box => new DataOption(box, null))] })
        .Add("archive", DataFieldType.Boolean, "false")
        .Add("read", DataFieldType.Boolean, "false")
        .Add("mute", DataFieldType.TextSingle, "0")
        .Build().ToXml();

    // INB-031, INB-033
    private async ValueTask<IqReply> SetAsync(IqRequest request, CancellationToken ct)
    {
        if (ReadJid(request.Payload, out var jid) is { } badJid)
        {
            return IqReply.Error(badJid);
        }

        if (ReadProperties(request.Payload, out var properties) is { } bad)
        {
            return IqReply.Error(bad);
        }

        if (await store.SetAsync(request.Account, jid!.Bare, properties!, ct) is not { } entry)
        {
            return IqReply.Error(StanzaError.BadRequest("item-not-found"));
        }

        await InboxUpdate.SendAsync(host.Server, request.Account, entry, request.Iq.Id, request.Payload.Attribute("queryid") ?? request.Iq.Id, null, ct);
        return IqReply.Result();
    }

    // INB-034
    private async ValueTask<IqReply> ResetAsync(IqRequest request, CancellationToken ct)
    {
        if (ReadJid(request.Payload, out var jid) is { } bad)
        {
            return IqReply.Error(bad);
        }

        var now = host.Server.StanzaIds.Next().Value >> 8;
        await store.ApplyAsync([new(request.Account, jid!.Bare, new InboxChange(InboxChangeKind.Reset, now))], ct);
        return IqReply.Result(new XmlBuilder("reset", Ns.InboxConversation).Build());
    }

    private static StanzaError? ReadJid(XmlElement payload, out Jid? jid)
    {
        jid = null;
        return payload.Attribute("jid") is not { } text ? StanzaError.BadRequest("jid-required")
            : Jid.TryParse(text, out jid) ? null
            : StanzaError.BadRequest("invalid-jid");
    }

    private StanzaError? ReadProperties(XmlElement payload, out InboxProperties? properties)
    {
        properties = null;
        string? box = null;
        bool? read = null;
        long? muted = null;
        var any = false;
        foreach (var child in payload.Children)
        {
            any = true;
            var text = child.Text;
            switch (child.IsIn(Ns.InboxConversation) ? child.Name : "")
            {
                case "box" when _boxes.Contains(text):
                    box = text;
                    break;
                case "box":
                    return StanzaError.BadRequest("invalid-box");
                case "archive" when text is "true" or "false":
                    box ??= text == "true" ? InboxBox.Archive : InboxBox.Inbox;
                    break;
                case "read" when text is "true" or "false":
                    read = text == "true";
                    break;
                case "mute" when int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seconds):
                    muted = seconds == 0 ? 0 : InboxTime.Microseconds(host.Server.Time.GetUtcNow().AddSeconds(seconds));
                    break;
                default:
                    return StanzaError.BadRequest("bad-request");
            }
        }

        if (!any)
        {
            return StanzaError.BadRequest("no-property");
        }

        properties = new InboxProperties(box, read, muted);
        return null;
    }
}
