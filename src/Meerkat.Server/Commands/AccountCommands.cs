using System.CommandLine;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Core.Streams;
using Meerkat.Server.Configuration;
using Meerkat.Server.Running;
using Meerkat.Xmpp;

namespace Meerkat.Server.Commands;

/// <summary><c>meerkat account</c>: accounts, in the store itself.</summary>
internal static class AccountCommands
{
    /// <summary>The command.</summary>
    public static Command Create() => new("account", "Accounts, in the store itself: the server need not run.")
    {
        ForAccount("register", "Makes an account.", withPassword: true, RegisterAsync),
        ForAccount("set-password", "Gives an account a new password.", withPassword: true, SetPasswordAsync),
        ForAccount("remove", "Removes an account with all its data. Its sessions on a running server do not notice: there, meerkatctl ends them too.", withPassword: false, RemoveAsync),
        ForAccount("exists", "Says whether an account exists.", withPassword: false, ExistsAsync),
        List(),
        HashPasswords(),
    };

    private static Command ForAccount(string name, string description, bool withPassword, Func<Store, BareJid, string?, Task<int>> act)
    {
        var options = new CommonOptions();
        var jid = new Argument<string>("jid") { Description = "The address, such as alice@localhost." };
        var password = new Option<string?>("--password", "-p") { Description = "The password; without it one is read from standard input, or made up and shown when that is a terminal." };
        var command = new Command(name, description) { jid };
        if (withPassword)
        {
            command.Options.Add(password);
        }

        options.AddTo(command);
        command.SetAction(async (arguments, ct) =>
        {
            if (!Jid.TryParse(arguments.GetValue(jid), out var parsed) || parsed is not BareJid { HasLocal: true } account)
            {
                Console.Error.WriteLine($"\"{arguments.GetValue(jid)}\" is not the address of an account: one looks like alice@localhost");
                return 2;
            }

            return await WithStoreAsync(options, arguments, store => act(store, account, withPassword ? arguments.GetValue(password) : null), ct);
        });
        return command;
    }

    private static Command List()
    {
        var options = new CommonOptions();
        var domain = new Argument<string>("domain") { Description = "The domain, such as localhost." };
        var command = new Command("list", "Lists the accounts of a domain, one a line.") { domain };
        options.AddTo(command);
        command.SetAction((arguments, ct) => WithStoreAsync(
            options,
            arguments,
            async store =>
            {
                if (store.For(arguments.GetValue(domain)!) is not { } chain)
                {
                    return Unserved(arguments.GetValue(domain)!);
                }

                foreach (var account in await chain.ListAsync(arguments.GetValue(domain)!, AccountListing.All, CancellationToken.None))
                {
                    Console.WriteLine(account);
                }

                return 0;
            },
            ct));
        return command;
    }

    private static Command HashPasswords()
    {
        var options = new CommonOptions();
        var domain = new Argument<string>("domain") { Description = "The domain, such as localhost." };
        var command = new Command("hash-passwords", "Makes SCRAM keys of passwords that are kept as plain text, as auth.password says (AUTH-038). The server may run.") { domain };
        options.AddTo(command);
        command.SetAction((arguments, ct) => WithStoreAsync(
            options,
            arguments,
            async store =>
            {
                if (store.For(arguments.GetValue(domain)!) is not { } chain)
                {
                    return Unserved(arguments.GetValue(domain)!);
                }

                if (await chain.Accounts.HashPlainPasswordsAsync(arguments.GetValue(domain)!, ct) is not { } changed)
                {
                    Console.Error.WriteLine("auth.password.format is \"plain\": passwords are to be kept as they are");
                    return 1;
                }

                Console.WriteLine($"{changed} passwords are kept as SCRAM keys now");
                return 0;
            },
            ct));
        return command;
    }

    private static async Task<int> RegisterAsync(Store store, BareJid account, string? password)
    {
        if (store.For(account.Domain) is not { } chain)
        {
            return Unserved(account.Domain);
        }

        var (chosen, isMadeUp) = Password(password);
        var result = await chain.Accounts.RegisterAsync(account, chosen, CancellationToken.None);
        if (result is AccountResult.Ok)
        {
            Console.WriteLine(isMadeUp ? $"{account} is registered; its password, shown only now: {chosen}" : $"{account} is registered");
        }

        return Report(account, result);
    }

    private static async Task<int> SetPasswordAsync(Store store, BareJid account, string? password)
    {
        if (store.For(account.Domain) is not { } chain)
        {
            return Unserved(account.Domain);
        }

        var (chosen, isMadeUp) = Password(password);
        var result = await chain.Accounts.SetPasswordAsync(account, chosen, CancellationToken.None);
        if (result is AccountResult.Ok)
        {
            Console.WriteLine(isMadeUp ? $"{account} has a new password, shown only now: {chosen}" : $"{account} has a new password");
        }

        return Report(account, result);
    }

    private static async Task<int> RemoveAsync(Store store, BareJid account, string? password)
    {
        if (store.For(account.Domain) is not { } chain)
        {
            return Unserved(account.Domain);
        }

        var result = await chain.Accounts.RemoveAsync(account, CancellationToken.None);
        if (result is AccountResult.Ok)
        {
            Console.WriteLine($"{account} is removed");
            if (store.IsInUse)
            {
                Console.Error.WriteLine($"A server runs on this data folder: sessions that {account} may have there go on. \"meerkatctl account removeUser\" ends them too.");
            }
        }

        return Report(account, result);
    }

    private static async Task<int> ExistsAsync(Store store, BareJid account, string? password)
    {
        if (store.For(account.Domain) is not { } chain)
        {
            return Unserved(account.Domain);
        }

        var exists = await chain.StoredExistsAsync(account, CancellationToken.None) is Existence.Yes;
        Console.WriteLine(exists ? $"{account} exists" : $"{account} does not exist");
        return exists ? 0 : 1;
    }

    private static (string Password, bool IsMadeUp) Password(string? given) =>
        given is not null ? (given, false)
        : Console.IsInputRedirected && Console.In.ReadLine() is { Length: > 0 } line ? (line, false)
        : (RandomId.Create(), true);

    private static int Report(BareJid account, AccountResult result)
    {
        if (result is AccountResult.Ok)
        {
            return 0;
        }

        Console.Error.WriteLine(result switch
        {
            AccountResult.Exists => $"{account} exists already",
            AccountResult.EmptyPassword => "a password may not be empty",
            AccountResult.InvalidPassword => "the password holds characters that are not allowed",
            AccountResult.LimitPerDomainExceeded => $"{account.Domain} has as many accounts as auth.max_users_per_domain allows",
            _ => $"{account}: refused ({result}); does the account exist, and does an authentication method of its host allow this?",
        });
        return 1;
    }

    private static int Unserved(string domain)
    {
        Console.Error.WriteLine($"{domain} is not among general.hosts of this configuration");
        return 1;
    }

    private static async Task<int> WithStoreAsync(CommonOptions options, ParseResult arguments, Func<Store, Task<int>> act, CancellationToken ct)
    {
        if (options.Load(arguments) is not { } configuration)
        {
            return 1;
        }

        using var loggers = CommonOptions.Loggers(new LogSwitch(LogThreshold.Warning));
        try
        {
            var folder = options.Folder(arguments);
            await using var server = new MeerkatServer(configuration, folder, TimeProvider.System, loggers);
            await server.OpenAsync(ct);
            return await act(new Store(configuration, server, folder));
        }
        catch (StartException refused)
        {
            Console.Error.WriteLine(refused.Message);
            return 1;
        }
    }

    private sealed record Store(MeerkatConfiguration Configuration, MeerkatServer Server, DataFolder Folder)
    {
        public bool IsInUse => Folder.IsHeld();

        public AuthChain? For(string domain) => Server.Context!.Domains.TryFindAccounts(domain, out var found) ? found.Host.Auth : null;
    }
}
