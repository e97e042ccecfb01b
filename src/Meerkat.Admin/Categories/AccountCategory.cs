using System.Diagnostics.CodeAnalysis;
using Meerkat.Admin.GraphQL;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Admin.Categories;

/// <summary><c>account</c> (GQA-ACCOUNT-01 to 10).</summary>
internal sealed class AccountCategory(ServerContext server) : ICategory
{
    private static readonly TimeSpan s_importDelay = TimeSpan.FromSeconds(1);

    private readonly AccountOperations _accounts = new(server.Domains, server.Time);
    private readonly ILogger _log = server.Loggers.CreateLogger<AccountCategory>();

    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        const string Query = "AccountAdminQuery";
        admin.Add(Query, "listUsers", ListAsync);
        admin.Add(Query, "countUsers", async call => (await _accounts.CountAsync(call.Text("domain"), call.Ct)).OrRefuse(Refusals.DomainNotFound(call.Text("domain"))).ToInt());
        admin.Add(Query, "checkPassword", CheckPasswordAsync);
        admin.Add(Query, "checkPasswordHash", CheckHashAsync);
        admin.Add(Query, "checkUser", CheckUserAsync);

        const string Mutation = "AccountAdminMutation";
        admin.Add(Mutation, "registerUser", RegisterAsync);
        admin.Add(Mutation, "removeUser", async call => Payload(call.Jid("user"), await _accounts.RemoveAsync(Account(call), call.Ct), "is removed"));
        admin.Add(Mutation, "banUser", async call => Payload(call.Jid("user"), await _accounts.BanAsync(Account(call), call.Text("reason"), call.Ct), "is banned"));
        admin.Add(Mutation, "changeUserPassword", async call => Payload(call.Jid("user"), await _accounts.ChangePasswordAsync(Account(call), call.Text("newPassword"), call.Ct), "has a new password"));
        admin.Add(Mutation, "importUsers", ImportAsync);

        // GQU-ACCOUNT-01 and 02
        const string Own = "AccountUserMutation";
        user.Add(Own, "unregister", async call => Done(call.Self, await _accounts.RemoveAsync(call.Self.ToString(), call.Ct), $"{call.Self} is removed"));
        user.Add(Own, "changePassword", async call => Done(call.Self, await _accounts.ChangePasswordAsync(call.Self.ToString(), call.Text("newPassword"), call.Ct), $"{call.Self} has a new password"));
    }

    private static string Account(OperationCall call) => call.Jid("user").Bare.ToString();

    private async ValueTask<IEnumerable<string>> ListAsync(OperationCall call)
    {
        var listing = new AccountListing { Limit = call.FindValue<int>("limit"), Offset = call.FindValue<int>("index") ?? 0 };
        var accounts = (await _accounts.ListAsync(call.Text("domain"), listing, call.Ct)).OrRefuse(Refusals.DomainNotFound(call.Text("domain")));
        return accounts.Select(account => account.ToString()).Order(StringComparer.Ordinal);
    }

    private async ValueTask<object> CheckPasswordAsync(OperationCall call)
    {
        var jid = call.Jid("user");
        var result = await _accounts.CheckPasswordAsync(Account(call), call.Text("password"), call.Ct);
        return result is AccountResult.UserDoesNotExist
            ? throw new OperationException("user_does_not_exist", $"There is no account {jid.Bare}", ("jid", jid))
            : Checked(result is AccountResult.Ok, "The password");
    }

    private async ValueTask<object> CheckHashAsync(OperationCall call)
    {
        var jid = call.Jid("user");
        return await _accounts.CheckPasswordHashAsync(Account(call), call.Text("passwordHash"), call.Text("hashMethod"), call.Ct) switch
        {
            AccountResult.WrongUser => throw new OperationException("wrong_user", $"There is no account {jid.Bare} whose password itself is kept", ("jid", jid)),
            AccountResult.WrongMethod => throw new OperationException("wrong_method", "The method is neither md5 nor sha", ("jid", jid)),
            var result => Checked(result is AccountResult.Ok, "The hash"),
        };
    }

    private static object Checked(bool isRight, string what) => new { Correct = isRight, Message = isRight ? $"{what} is right" : $"{what} is wrong" };

    private async ValueTask<object> CheckUserAsync(OperationCall call)
    {
        var exists = await _accounts.CheckUserAsync(Account(call), call.Ct) is AccountResult.Ok;
        return new { Exist = exists, Message = exists ? $"There is an account {Account(call)}" : $"There is no account {Account(call)}" };
    }

    private async ValueTask<object> RegisterAsync(OperationCall call)
    {
        var (result, account) = await _accounts.RegisterAsync(call.Find<string>("username"), call.Text("domain"), call.Text("password"), call.Ct);
        if (result is AccountResult.Ok)
        {
            return new { Jid = account!, Message = $"{account} is registered" };
        }

        var shown = account?.ToString() ?? $"{call.Find<string>("username")}@{call.Text("domain")}";
        var (code, why) = result switch
        {
            AccountResult.Exists => ("exists", "exists already"),
            AccountResult.InvalidJid => ("invalid_jid", "is no address"),
            AccountResult.LimitPerDomainExceeded => ("limit_per_domain_exceeded", "would be one account too many for its domain"),
            AccountResult.DomainNotFound => ("cannot_register", "is in a domain that is not served here"),
            AccountResult.EmptyPassword => ("cannot_register", "needs a password"),
            AccountResult.InvalidPassword => ("cannot_register", "has a password with characters that are not allowed"),
            _ => ("cannot_register", "is taken by no authentication method"),
        };
        throw new OperationException(code, $"{shown} {why}", ("jid", shown));
    }

    private static object Payload(Jid jid, AccountResult result, string done) => new { Jid = jid, Message = Done(jid, result, $"{jid.Bare} {done}") };

    // AUTH-146 to AUTH-148
    private static string Done(Jid jid, AccountResult result, string done)
    {
        var (code, why) = result switch
        {
            AccountResult.Ok => ("", ""),
            AccountResult.UserDoesNotExist => ("user_does_not_exist", "does not exist"),
            AccountResult.InvalidJid => ("invalid_jid", "is no address of an account"),
            AccountResult.EmptyPassword => ("empty_password", "needs a password that is not empty"),
            AccountResult.InvalidPassword => ("not_allowed", "cannot have a password with such characters"),
            _ => ("not_allowed", "does not exist, or no authentication method does this"),
        };
        return code.Length == 0 ? done : throw new OperationException(code, $"{jid.Bare} {why}", ("jid", jid));
    }

    // CLI-12: at once on the command line, a second later over HTTP.
    private async ValueTask<object> ImportAsync(OperationCall call)
    {
        var path = call.Text("filename");
        if (!File.Exists(path))
        {
            throw new OperationException("file_not_found", $"There is no file {path} on the server", ("filename", path));
        }

        if (call.Caller.Transport is ApiTransport.Control)
        {
            return Shown(await _accounts.ImportAsync(path, call.Ct) ?? new AccountImportResult());
        }

        _ = ImportLaterAsync(path);
        return new ResultFields { ["status"] = "The import is scheduled" };
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: it is logged.")]
    private async Task ImportLaterAsync(string path)
    {
        try
        {
            await Task.Delay(s_importDelay, server.Time);
            var report = await _accounts.ImportAsync(path, CancellationToken.None) ?? new AccountImportResult();
            AccountCategoryLog.Imported(_log, path, report.Created.Count, report.Existing.Count, report.NotAllowed.Count + report.EmptyPassword.Count, report.InvalidJid.Count + report.InvalidRecord.Count);
        }
        catch (Exception failure)
        {
            AccountCategoryLog.ImportFailed(_log, failure, path);
        }
    }

    private static ResultFields Shown(AccountImportResult report) => new()
    {
        ["status"] = "The import is completed",
        ["created"] = Listed(report.Created),
        ["existing"] = Listed(report.Existing),
        ["notAllowed"] = Listed(report.NotAllowed),
        ["invalidJID"] = Listed(report.InvalidJid),
        ["emptyPassword"] = Listed(report.EmptyPassword),
        ["invalidRecord"] = Listed(report.InvalidRecord),
    };

    private static IReadOnlyList<string>? Listed(IReadOnlyList<string> items) => items.Count == 0 ? null : items;
}

internal static partial class AccountCategoryLog
{
    [LoggerMessage(LogLevel.Information, "Accounts were imported from {Path}: {Created} made, {Existing} there already, {Refused} refused, {Invalid} invalid lines")]
    public static partial void Imported(ILogger logger, string path, int created, int existing, int refused, int invalid);

    [LoggerMessage(LogLevel.Error, "The import of accounts from {Path} failed")]
    public static partial void ImportFailed(ILogger logger, Exception failure, string path);
}
