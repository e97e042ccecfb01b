using Meerkat.Admin.GraphQL;
using Meerkat.Core.Accounts;

namespace Meerkat.Admin.Categories;

/// <summary><c>domain</c>: administrators of domains (GQA-DOMAIN-09 and 10).</summary>
internal sealed class DomainPasswordCategory(DomainAdmins admins) : ICategory
{
    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        const string Mutation = "DomainAdminMutation";
        admin.Add(Mutation, "setDomainPassword", async call =>
        {
            var domain = call.Text("domain");
            return await admins.SetPasswordAsync(domain, call.Text("password"), call.Ct) switch
            {
                AccountResult.Ok => $"{DomainAdmins.Name}@{domain} has a new password",
                AccountResult.InvalidPassword => throw new OperationException("invalid_password", "The password holds characters that are not allowed", ("domain", domain)),
                _ => throw new OperationException("not_found", $"{domain} is not served here", ("domain", domain)),
            };
        });
        admin.Add(Mutation, "deleteDomainPassword", async call =>
        {
            var domain = call.Text("domain");
            return await admins.RemoveAsync(domain, call.Ct) ? $"{DomainAdmins.Name}@{domain} is removed" : throw new OperationException("not_found", $"{domain} has no administrator", ("domain", domain));
        });
    }
}
