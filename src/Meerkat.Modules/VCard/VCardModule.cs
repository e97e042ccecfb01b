using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Modules.Disco;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.VCard;

/// <summary>vCards: an account publishes who it is, everybody may read it, and a directory may be searched.</summary>
/// <remarks>XEP-0054 v1.2, XEP-0055 v1.3, VCD-001 to VCD-005. Avatars by vCard (XEP-0153) are the clients' business: they put a hash into their presence.</remarks>
[Module("mod_vcard", Options = typeof(VCardOptions))]
[Uses("mod_disco")]
[Xep(54, "1.2"), Xep(55, "1.3", Partial = "searches by data form only"), Xep(4, "2.13.2"), Xep(59, "1.0")]
[Announces(Announcer.Server | Announcer.Service, Ns.VCard)]
[Announces(Announcer.Service, Ns.DiscoInfo, Ns.DiscoItems, Ns.Search, Ns.ResultSet)]
public sealed class VCardModule(VCardOptions options, IVCardStore store, IDisco? disco, ServerContext server, ILogger log) : IModule
{
    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        on.Iq(Ns.VCard, "vCard", IqTarget.Account, HandleAsync);
        on.Iq(Ns.VCard, "vCard", IqTarget.Domain, HandleDomain);
        on.Hook(IqHooks.ToSession, IqToSessionSlot.VCard, CheckAsync);
        on.OwnsData(store);
        on.Operations(new VCardOperations(store, server));
        on.Portable(new VCardPortable(store));
        if (options.Search)
        {
            on.Service(options.Host, new VCardSearch(options, store, disco, server));
        }
    }

    /// <summary>The vCard of the server itself, or of its search (VCD-003).</summary>
    internal static XmlElement Describe(BareJid entity, string name, string description) =>
        new XmlBuilder("vCard", Ns.VCard).Element("FN", name).Element("URL", $"xmpp:{entity}").Element("DESC", description).Build();

    private async ValueTask<IqReply> HandleAsync(IqRequest request, CancellationToken ct)
    {
        if (request.Type is IqType.Set)
        {
            if (!request.IsOwn)
            {
                return IqReply.Error(StanzaError.NotAllowed()); // VCD-002
            }

            await store.SetAsync(request.Account, request.Payload, ct);
            return IqReply.Result();
        }

        try
        {
            // VCD-001: whether the account exists, nobody learns here.
            return await store.GetAsync(request.Account, ct) is { } vcard ? IqReply.Result(vcard) : IqReply.Error(StanzaError.ItemNotFound());
        }
        catch (XmlFormatException damage)
        {
            VCardLog.Damaged(log, damage, request.Account);
            return IqReply.Error(StanzaError.ServiceUnavailable());
        }
    }

    // VCD-002: to a full JID, the own one included, nothing is set.
    private static ValueTask<HookResult> CheckAsync(IqToSession context, CancellationToken ct)
    {
        if (context.Iq is not { Type: IqType.Set, Payload: { } payload } || !payload.Is("vCard", Ns.VCard))
        {
            return new(HookResult.Continue);
        }

        context.Refusal = StanzaError.NotAllowed();
        return new(HookResult.Stop);
    }

    private static ValueTask<IqReply> HandleDomain(IqRequest request, CancellationToken ct) =>
        new(request.Type is IqType.Set ? IqReply.Error(StanzaError.NotAllowed()) : IqReply.Result(Describe(request.Account, "Meerkat", "XMPP messaging server")));
}
