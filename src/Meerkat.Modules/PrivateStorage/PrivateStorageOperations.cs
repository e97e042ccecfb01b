using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.PrivateStorage;

/// <summary>How an operation on private storage went.</summary>
public enum PrivateStorageResult
{
    /// <summary>Done.</summary>
    Ok,

    /// <summary>There is no such account.</summary>
    NotFound,

    /// <summary>The element has no namespace of its own, under which it could be kept (PXM-002).</summary>
    NoNamespace,
}

/// <summary>What an administrator may do to private storage (GQA-PRIVATE-01, GQA-PRIVATE-02). Safe for concurrent use.</summary>
/// <param name="store">The store.</param>
/// <param name="server">The server.</param>
public sealed class PrivateStorageOperations(IPrivateStore store, ServerContext server)
{
    /// <summary>Keeps a fragment under its namespace.</summary>
    public async ValueTask<PrivateStorageResult> SetAsync(BareJid account, XmlElement fragment, CancellationToken ct)
    {
        if (fragment.Namespace is "" or Ns.Private or Ns.Client)
        {
            return PrivateStorageResult.NoNamespace;
        }

        if (!await ExistsAsync(account, ct))
        {
            return PrivateStorageResult.NotFound;
        }

        await store.SetAsync(account, [fragment], ct);
        return PrivateStorageResult.Ok;
    }

    /// <summary>What is kept under a namespace: an empty element of that name when nothing is.</summary>
    /// <returns>The element; null when there is no such account.</returns>
    /// <exception cref="XmlFormatException">The name is none that XML allows.</exception>
    public async ValueTask<XmlElement?> GetAsync(BareJid account, string name, string ns, CancellationToken ct)
    {
        var empty = new XmlBuilder(name, ns).Build();
        return await ExistsAsync(account, ct) ? (await store.GetAsync(account, [empty], ct))[0] : null;
    }

    private async ValueTask<bool> ExistsAsync(BareJid account, CancellationToken ct) =>
        server.Domains.For(account.Domain) is { } chain && await chain.StoredExistsAsync(account, ct) is Existence.Yes;
}
