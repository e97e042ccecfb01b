using Meerkat.Connections.Http;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;

namespace Meerkat.Admin.Rest.Admin;

/// <summary>Accounts (RST-ADMIN-01 to 04).</summary>
internal static class Users
{
    /// <summary>The operations.</summary>
    public static IEnumerable<RestOperation> Of(ServerContext server)
    {
        const AdminApiPart Part = AdminApiPart.Users;
        var accounts = new AccountOperations(server.Domains, server.Time);
        return
        [
            new(Part, "GET", "/users/{domain}", async call =>
            {
                var all = await accounts.ListAsync(call.Segment("domain"), new AccountListing(), call.Ct) ?? throw new RestException(404, "The domain is not served here");
                return RestAnswer.Json(all.Select(account => account.ToString()).Order(StringComparer.Ordinal));
            })
            {
                Summary = "The accounts of a domain, sorted.",
                Refusals = [404],
            },
            new(Part, "POST", "/users/{domain}", async call =>
            {
                var (name, password) = (call.Text("username"), call.Text("password"));
                var (result, account) = await accounts.RegisterAsync(name, call.Segment("domain"), password, call.Ct);
                return result is AccountResult.Ok ? RestAnswer.Created(account!.Local!, $"{account} is registered") : throw Refusal(result);
            })
            {
                Summary = "Registers an account.",
                Body = [new("username", "string", "The localpart of its address."), new("password", "string", "Its password.")],
                Success = 201,
                Produces = RestAnswer.PlainText,
                Refusals = [400, 403],
            },
            new(Part, "PUT", "/users/{domain}/{username}", async call =>
            {
                var result = await accounts.ChangePasswordAsync(Account(call), call.Text("newpass"), call.Ct);
                return result is AccountResult.Ok ? RestAnswer.Done : throw (result is AccountResult.EmptyPassword ? RestCall.Bad("The password is empty") : Refusal(result));
            })
            {
                Summary = "Changes an account's password.",
                Body = [new("newpass", "string", "The new password.")],
                Success = 204,
                Refusals = [400, 403],
            },
            new(Part, "DELETE", "/users/{domain}/{username}", async call =>
                await accounts.RemoveAsync(Account(call), call.Ct) is AccountResult.Ok ? RestAnswer.Done : throw new RestException(403, "There is no such account, or no authentication method removes it"))
            {
                Summary = "Removes an account with its data.",
                Success = 204,
                Refusals = [400, 403],
            },
            AdminOperations.Lacking(Part, "PUT", "/users/{domain}", 400, "The path has no user name"),
            AdminOperations.Lacking(Part, "DELETE", "/users/{domain}", 400, "The path has no user name"),
        ];
    }

    private static string Account(RestCall call) => RestCall.Account(call.Segment("username"), call.Segment("domain")).ToString();

    private static RestException Refusal(AccountResult result) => result switch
    {
        AccountResult.InvalidJid => RestCall.Bad("That is no address of an account"),
        AccountResult.Exists => new(403, "There is such an account"),
        AccountResult.LimitPerDomainExceeded => new(403, "The domain has as many accounts as it may"),
        AccountResult.DomainNotFound => new(403, "The domain is not served here"),
        AccountResult.EmptyPassword => new(403, "The password is empty"),
        AccountResult.InvalidPassword => new(403, "The password has characters that are not allowed"),
        _ => new(403, "There is no such account, or no authentication method does this"),
    };
}
