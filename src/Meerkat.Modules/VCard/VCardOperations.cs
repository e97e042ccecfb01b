using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.VCard;

/// <summary>How an operation on a vCard went.</summary>
public enum VCardResult
{
    /// <summary>Done.</summary>
    Ok,

    /// <summary>There is no such account.</summary>
    UserNotFound,

    /// <summary>The account has none.</summary>
    VCardNotFound,

    /// <summary>The element is no <c>vCard</c>, or what is stored is damaged.</summary>
    Internal,
}

/// <summary>What an administrator may do to vCards (GQA-VCARD-01, GQA-VCARD-02). Safe for concurrent use.</summary>
/// <param name="store">The store.</param>
/// <param name="server">The server.</param>
public sealed class VCardOperations(IVCardStore store, ServerContext server)
{
    /// <summary>Replaces an account's vCard as a whole.</summary>
    /// <returns><see cref="VCardResult.Ok"/>, <see cref="VCardResult.UserNotFound"/>, or <see cref="VCardResult.Internal"/> when the element is no <c>vCard</c> of <c>vcard-temp</c>.</returns>
    public async ValueTask<VCardResult> SetAsync(BareJid account, XmlElement vcard, CancellationToken ct)
    {
        if (!vcard.Is("vCard", Ns.VCard))
        {
            return VCardResult.Internal;
        }

        if (!await ExistsAsync(account, ct))
        {
            return VCardResult.UserNotFound;
        }

        await store.SetAsync(account, vcard, ct);
        return VCardResult.Ok;
    }

    /// <summary>An account's vCard.</summary>
    /// <returns><see cref="VCardResult.Ok"/> and the vCard, or why there is none.</returns>
    public async ValueTask<(VCardResult Result, XmlElement? VCard)> GetAsync(BareJid account, CancellationToken ct)
    {
        if (!await ExistsAsync(account, ct))
        {
            return (VCardResult.UserNotFound, null);
        }

        try
        {
            return await store.GetAsync(account, ct) is { } vcard ? (VCardResult.Ok, vcard) : (VCardResult.VCardNotFound, null);
        }
        catch (XmlFormatException)
        {
            return (VCardResult.Internal, null);
        }
    }

    private async ValueTask<bool> ExistsAsync(BareJid account, CancellationToken ct) =>
        server.Domains.For(account.Domain) is { } chain && await chain.StoredExistsAsync(account, ct) is Existence.Yes;
}
