using Meerkat.Admin.GraphQL;
using Meerkat.Core.Hosts;
using Meerkat.Modules.VCard;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Categories;

/// <summary><c>vcard</c> (GQA-VCARD-01 and 02).</summary>
internal sealed class VCardCategory(ServerContext server) : ICategory
{
    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        admin.Add("VcardAdminQuery", "getVcard", call => FindAsync(call.Jid("user"), call));
        admin.Add("VcardAdminMutation", "setVcard", call => SetAsync(call.Jid("user"), call));
        user.Add("VcardUserQuery", "getVcard", call => FindAsync(call.Find<Jid>("user") ?? call.Self, call));
        user.Add("VcardUserMutation", "setVcard", call => SetAsync(call.Self, call));
    }

    private async ValueTask<object> FindAsync(Jid user, OperationCall call)
    {
        var (result, vcard) = await Of(user).GetAsync(user.Bare, call.Ct);
        return vcard is { } found ? VCardFields.Read(found) : throw Refusal(result, user);
    }

    private async ValueTask<object> SetAsync(Jid user, OperationCall call)
    {
        var result = await Of(user).SetAsync(user.Bare, VCardFields.Write(call.Get<IDictionary<string, object?>>("vcard")), call.Ct);
        return result is VCardResult.Ok ? await FindAsync(user, call) : throw Refusal(result, user);
    }

    private VCardOperations Of(Jid user) =>
        !server.Domains.TryFindAccounts(user.Domain, out var domain) ? throw Refusal(VCardResult.UserNotFound, user)
        : domain.Host.Operations<VCardOperations>() ?? throw new OperationException("vcard_not_configured_error", $"{user.Domain} has no vCards", ("user", user));

    private static OperationException Refusal(VCardResult result, Jid user) => result switch
    {
        VCardResult.UserNotFound => new("user_not_found", $"There is no account {user.Bare}", ("user", user)),
        VCardResult.VCardNotFound => new("vcard_not_found", $"{user.Bare} has no vCard", ("user", user)),
        _ => new("internal", $"The vCard of {user.Bare} is damaged", ("user", user)),
    };
}
