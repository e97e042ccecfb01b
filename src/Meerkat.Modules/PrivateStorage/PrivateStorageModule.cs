using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Xmpp;

namespace Meerkat.Modules.PrivateStorage;

/// <summary>Private XML Storage: an account keeps one XML fragment per namespace on the server.</summary>
/// <remarks>XEP-0049 v1.2, PXM-001 to PXM-003. Fragments are opaque: stored and returned, never interpreted.</remarks>
[Module("mod_private", Options = typeof(PrivateStorageOptions)), Xep(49, "1.2")]
[Announces(Announcer.Server, Ns.Private)]
public sealed class PrivateStorageModule(IPrivateStore store, ServerContext server) : IModule
{
    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        on.Feature(Ns.Private);
        on.Iq(Ns.Private, "query", IqTarget.OwnAccount, HandleAsync);
        on.OwnsData(store);
        on.Operations(new PrivateStorageOperations(store, server));
        on.Portable(new PrivatePortable(store));
    }

    private async ValueTask<IqReply> HandleAsync(IqRequest request, CancellationToken ct)
    {
        // PXM-002: children without a namespace are ignored.
        var fragments = request.Payload.Children.ToArray().Where(fragment => fragment.Namespace is not ("" or Ns.Private)).ToArray();
        if (fragments is [])
        {
            return IqReply.Error(StanzaError.NotAcceptable()); // XEP-0049 §2.3
        }

        if (request.Type is IqType.Set)
        {
            await store.SetAsync(request.Account, fragments, ct);
            return IqReply.Result(request.Payload);
        }

        var found = await store.GetAsync(request.Account, fragments, ct);
        return IqReply.Result(request.Payload.WithChildren(found));
    }
}
