using Meerkat.Admin.GraphQL;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Categories;

/// <summary><c>gdpr</c> (GQA-GDPR-01).</summary>
internal sealed class GdprCategory(ServerContext server) : ICategory
{
    private readonly PersonalDataOperations _data = new(server.Domains);

    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user) => admin.Add("GdprAdminQuery", "retrievePersonalData", RetrieveAsync);

    private async ValueTask<string> RetrieveAsync(OperationCall call)
    {
        var name = call.Text("username");
        var domain = call.Text("domain");
        var path = call.Text("resultFilepath");
        var result = BareJid.TryCreate(name, domain, out var account) ? await _data.RetrieveAsync(account, path, call.Ct) : PersonalDataResult.UserDoesNotExist;
        var (code, why) = result switch
        {
            PersonalDataResult.Ok => ("", ""),
            PersonalDataResult.UserDoesNotExist => ("user_does_not_exist_error", $"There is no account {name}@{domain}"),
            PersonalDataResult.PermissionDenied => ("file_creation_permission_denied_error", $"The server may not write {path}"),
            PersonalDataResult.IsDirectory => ("location_is_a_directory_error", $"{path} is a folder"),
            PersonalDataResult.FileExists => ("file_already_exist_error", $"{path} is there already"),
            _ => ("wrong_filename_error", $"{path} cannot be a file: is its folder there?"),
        };
        return code.Length == 0 ? $"What is kept of {account} is in {path}" : throw new OperationException(code, why, ("user", name), ("domain", domain));
    }
}
