using Meerkat.Admin.GraphQL;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Categories;

/// <summary><c>gdpr</c> (GQA-GDPR-01).</summary>
/// <remarks>The server's administrator names any file. That of a domain has no business on the server's disk: it gives a name without a folder, and the file comes into one that is its domain's.</remarks>
internal sealed class GdprCategory(ServerContext server, IServerControl control) : ICategory
{
    private const string Folder = "personal-data";

    private readonly PersonalDataOperations _data = new(server.Domains);

    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user) => admin.Add("GdprAdminQuery", "retrievePersonalData", RetrieveAsync);

    private async ValueTask<string> RetrieveAsync(OperationCall call)
    {
        var name = call.Text("username");
        var domain = call.Text("domain");
        var path = call.Text("resultFilepath");
        var result = !BareJid.TryCreate(name, domain, out var account) ? PersonalDataResult.UserDoesNotExist
            : call.Caller.Role is ApiRole.Admin ? await _data.RetrieveAsync(account, path, call.Ct)
            : await RetrieveForDomainAsync(account, path, call.Ct);
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

    private async ValueTask<PersonalDataResult> RetrieveForDomainAsync(BareJid account, string name, CancellationToken ct)
    {
        if (!IsPlain(name) || !IsPlain(account.Domain))
        {
            return PersonalDataResult.WrongFileName;
        }

        var folder = Path.Combine(control.DataFolder, Folder, account.Domain);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return PersonalDataResult.PermissionDenied;
        }

        return await _data.RetrieveAsync(account, Path.Combine(folder, name), ct);
    }

    // A name, and no way to another folder. None begins with a dot: "." and ".." are among those.
    private static bool IsPlain(string name) => name.Length > 0 && name[0] != '.' && name.IndexOfAny(['/', '\\', ':']) < 0 && name.IndexOfAny(Path.GetInvalidFileNameChars()) < 0;
}
