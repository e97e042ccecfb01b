using System.CommandLine;
using Meerkat.Core.Hosts;
using Meerkat.Server.Portability;
using Meerkat.Server.Running;

namespace Meerkat.Server.Commands;

/// <summary><c>meerkat export</c> and <c>meerkat import</c>: accounts to and from other servers, in the format of XEP-0227.</summary>
internal static class PortabilityCommands
{
    private const int Interrupted = 130;

    /// <summary>The command <c>export</c>.</summary>
    public static Command CreateExport()
    {
        var options = new CommonOptions();
        var file = new Argument<string>("file") { Description = "The file to write; - for standard output." };
        var domains = new Option<string[]>("--domain") { Description = "Only this domain; may be given several times. Without it all domains of the configuration.", AllowMultipleArgumentsPerToken = true };
        var plain = new Option<bool>("--plain-passwords") { Description = "Passwords that are kept as such are written as such, not as SCRAM keys. Whoever has the file has the passwords." };
        var ejabberd = new Option<bool>("--for-ejabberd") { Description = "Writes SCRAM keys as ejabberd up to 23.01 reads them, which encodes them twice." };
        var restart = new Option<bool>("--restart") { Description = "Begins at the first account, also where an earlier export to the file was interrupted." };
        var command = new Command("export", "Writes accounts with all that is kept for them to a file that other servers read (XEP-0227). Interrupted, it goes on where it was. The server need not run.") { file, domains, plain, ejabberd, restart };
        options.AddTo(command);
        command.SetAction((arguments, ct) => WithServerAsync(
            options,
            arguments,
            async context =>
            {
                var target = arguments.GetValue(file)!;
                using var line = new ProgressLine("accounts written");
                var export = new PortableExport(context, line.Tell) { WithPlainPasswords = arguments.GetValue(plain), IsForEjabberd = arguments.GetValue(ejabberd), Progressed = line.Show };
                var chosen = arguments.GetValue(domains) is { Length: > 0 } named ? named : [.. context.General.Hosts.Concat(context.Domains.All.Where(domain => domain.Service is null).Select(domain => domain.Jid.Domain).Order(StringComparer.Ordinal)).Distinct()];
                if (chosen.FirstOrDefault(name => !context.Domains.TryFindAccounts(name, out _)) is { } unserved)
                {
                    Console.Error.WriteLine($"{unserved} is not served by this configuration");
                    return 1;
                }

                if (target == "-")
                {
                    await using var standard = new BufferedStream(Console.OpenStandardOutput());
                    await export.RunAsync(chosen, standard, ct);
                    return 0;
                }

                // Under another name until it is whole. What is in it is nobody else's to read.
                var part = target + ".part";
                long written;
                var access = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, BufferSize = 1 << 16 };
                if (!OperatingSystem.IsWindows())
                {
                    access.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                }

                var progress = ExportProgress.Open(target, export.Describe(chosen), anew: arguments.GetValue(restart) || !File.Exists(part));
                if (progress.Point is { } point)
                {
                    line.Tell($"{target}: going on behind {point.Accounts} accounts that an earlier export has written");
                }

                await using (var output = new FileStream(part, access))
                {
                    export.Progress = progress;
                    written = await export.RunAsync(chosen, output, ct);
                    output.Flush(flushToDisk: true);
                }

                File.Move(part, target, overwrite: true);
                progress.Forget();
                line.Tell($"{written} accounts are in {target}");
                return 0;
            },
            ct));
        return command;
    }

    /// <summary>The command <c>import</c>.</summary>
    public static Command CreateImport()
    {
        var options = new CommonOptions();
        var files = new Argument<string[]>("files") { Description = "Files in the format of XEP-0227: ejabberd's export_piefxis, Prosody's xep0227 storage, meerkat export.", Arity = ArgumentArity.OneOrMore };
        var dryRun = new Option<bool>("--dry-run") { Description = "Writes nothing; says what cannot be taken over." };
        var merge = new Option<bool>("--merge") { Description = "Accounts that exist get what the file has, and keep their password. Without it they are passed over." };
        var restart = new Option<bool>("--restart") { Description = "Begins at the first account, also where an earlier import of the file was interrupted." };
        var command = new Command("import", "Takes accounts over from files of other servers (XEP-0227). Interrupted, it goes on where it was. The server must not run.") { files, dryRun, merge, restart };
        options.AddTo(command);
        command.SetAction((arguments, ct) => WithServerAsync(
            options,
            arguments,
            async context =>
            {
                // A server that runs would go on with what it knew before.
                var isDryRun = arguments.GetValue(dryRun);
                using var hold = isDryRun ? null : options.Folder(arguments).Hold();
                using var line = new ProgressLine("accounts read");
                var import = new PortableImport(context, line.Tell) { IsDryRun = isDryRun, MergesExisting = arguments.GetValue(merge), Progressed = line.Show };
                foreach (var file in arguments.GetValue(files)!)
                {
                    using var progress = ImportProgress.Open(file, anew: arguments.GetValue(restart) || isDryRun);
                    if (progress.IsResumed)
                    {
                        line.Tell($"{file}: going on behind {progress.Users} accounts that an earlier import has taken over");
                    }

                    await import.RunAsync(file, progress, ct);
                    if (!isDryRun)
                    {
                        progress.Finished();
                    }
                }

                line.Tell($"{import.Taken} accounts {(isDryRun ? "can be" : "were")} taken over, {import.Refused} {(isDryRun ? "cannot" : "were not")}");
                return import.Refused > 0 ? 1 : 0;
            },
            ct));
        return command;
    }

    private static async Task<int> WithServerAsync(CommonOptions options, ParseResult arguments, Func<ServerContext, Task<int>> act, CancellationToken ct)
    {
        if (options.Load(arguments) is not { } configuration)
        {
            return 1;
        }

        using var loggers = CommonOptions.Loggers(new LogSwitch(LogThreshold.Warning));
        try
        {
            await using var server = new MeerkatServer(configuration, options.Folder(arguments), TimeProvider.System, loggers);
            await server.OpenAsync(ct);
            return await act(server.Context!);
        }
        catch (Exception refused) when (refused is StartException or FormatException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(refused.Message);
            return 1;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("interrupted");
            return Interrupted;
        }
    }
}
