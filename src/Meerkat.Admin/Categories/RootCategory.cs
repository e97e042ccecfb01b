using Meerkat.Admin.GraphQL;

namespace Meerkat.Admin.Categories;

/// <summary><c>checkAuth</c>: who the request is from (GQA-ROOT-01, GQU-ROOT-01).</summary>
internal sealed class RootCategory : ICategory
{
    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        admin.Add("AdminQuery", "checkAuth", call => new
        {
            call.Caller.Domain,
            AuthStatus = Status(call.Caller),
            AuthType = call.Caller switch
            {
                { Role: ApiRole.Admin, Transport: not ApiTransport.Control } => "ADMIN",
                { Role: ApiRole.DomainAdmin } => "DOMAIN_ADMIN",
                _ => null,
            },
        });
        user.Add("UserQuery", "checkAuth", call => new { Username = call.Caller.Jid, AuthStatus = Status(call.Caller) });
    }

    private static string Status(ApiCaller caller) => caller.Role is ApiRole.Nobody ? "UNAUTHORIZED" : "AUTHORIZED";
}
