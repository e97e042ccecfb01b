using Meerkat.Core.Hosts;
using Meerkat.Core.Routing;
using Meerkat.Modules.Disco;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.VCard;

/// <summary>The directory search on its subdomain (XEP-0055, VCD-004, VCD-005).</summary>
internal sealed class VCardSearch(VCardOptions options, IVCardStore store, IDisco? disco, ServerContext server) : IService
{
    /// <inheritdoc/>
    public string? Name => "vCard User Search";

    /// <inheritdoc/>
    public async ValueTask HandleAsync(Stanza stanza, CancellationToken ct)
    {
        switch (stanza)
        {
            case Iq { IsRequest: true } iq:
                var reply = await AnswerAsync(iq, ct);
                await server.Router.RouteAsync(reply.Failure is { } error ? StanzaReplies.ErrorFor(iq, error)! : Iq.Result(iq, reply.Payload), ct);
                break;
            case Message:
                await server.Router.ReplyErrorAsync(stanza, StanzaError.ServiceUnavailable(), ct);
                break;
        }
    }

    private async ValueTask<IqReply> AnswerAsync(Iq iq, CancellationToken ct)
    {
        if (iq.Payload is not { } payload)
        {
            return IqReply.Error(StanzaError.BadRequest());
        }

        if (!iq.To!.IsDomain)
        {
            return IqReply.Error(StanzaError.ServiceUnavailable());
        }

        return (payload.Name, payload.Namespace, iq.Type) switch
        {
            ("query", Ns.DiscoInfo or Ns.DiscoItems, IqType.Get) when payload.Attribute("node") is { Length: > 0 } => IqReply.Error(StanzaError.ItemNotFound()),
            ("query", Ns.DiscoInfo, IqType.Get) => IqReply.Result(Info()),
            ("query", Ns.DiscoItems, IqType.Get) => IqReply.Result(new XmlBuilder("query", Ns.DiscoItems).Build()),
            ("query", Ns.Search, IqType.Get) => IqReply.Result(VCardSearchForm.Empty()),
            ("query", Ns.Search, _) => await SearchAsync(iq, payload, ct),
            ("vCard", Ns.VCard, IqType.Get) => IqReply.Result(VCardModule.Describe(iq.To.Bare, Name!, "Directory of the users of this server")),
            ("vCard", Ns.VCard, _) or ("query", Ns.DiscoInfo or Ns.DiscoItems, _) => IqReply.Error(StanzaError.NotAllowed()),
            _ => IqReply.Error(StanzaError.ServiceUnavailable()),
        };
    }

    private async ValueTask<IqReply> SearchAsync(Iq iq, XmlElement query, CancellationToken ct)
    {
        var page = new ResultSetRequest();
        var set = query.Child("set", Ns.ResultSet);
        if (DataForm.Find(query, DataFormType.Submit) is not { } form || (set is { } asked && !ResultSetRequest.TryRead(asked, out page)))
        {
            return IqReply.Error(StanzaError.BadRequest());
        }

        var criteria = VCardSearchForm.Read(form);
        IReadOnlyList<VCardEntry> found = criteria.Count > 0 && DomainOf(iq) is { } domain ? await store.SearchAsync(domain, criteria, options.Matches, ct) : [];
        if (!ResultSetPage.TryCut(found, page!, entry => entry.Owner.ToString(), out var entries, out var told))
        {
            return IqReply.Error(StanzaError.ItemNotFound()); // XEP-0059 §2.4
        }

        var answer = new XmlBuilder("query", Ns.Search).Add(VCardSearchForm.Found(entries));
        return IqReply.Result((set is null ? answer : answer.Add(told.ToXml())).Build());
    }

    // A search never leaves its domain (VCD-005): that is the one above the subdomain; where a fixed name serves several, the requester's.
    private string? DomainOf(Iq iq)
    {
        if (!server.Domains.TryFind(iq.To!.Domain, out var here))
        {
            return null;
        }

        return here.Parent?.Domain
            ?? (server.Domains.TryFindAccounts(iq.From!.Domain, out var own) && own.Host == here.Host ? own.Jid.Domain : null);
    }

    private XmlElement Info() =>
        new DiscoInfo([new DiscoIdentity("directory", "user", Name)], [Ns.DiscoInfo, Ns.DiscoItems, Ns.Search, Ns.ResultSet, Ns.VCard])
        {
            Forms = disco?.ContactAddresses("mod_vcard") is { } form ? [form] : [],
        }.ToXml();
}
