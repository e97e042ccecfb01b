using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using Meerkat.Admin.Monitoring;
using Meerkat.Connections.Tls;
using Meerkat.Server.Configuration;
using Meerkat.Server.Running;
using Meerkat.Server.Telemetry;
using Microsoft.Extensions.Logging;

namespace Meerkat.Server.Commands;

/// <summary><c>meerkat run</c>: a server, until Ctrl-C or SIGTERM.</summary>
internal static class RunCommand
{
    // Between two attempts of a node to join anew.
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(2);

    // What comes behind a run.
    private enum Next
    {
        End,
        Restart,
        JoinAnew,
    }

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var options = new CommonOptions();
        var command = new Command("run", "Runs a server until Ctrl-C or SIGTERM.");
        var noMigration = new Option<bool>("--no-migrate") { Description = "Refuse to start on a database that is not up to date; see \"meerkat database migrate\"." };
        options.AddTo(command);
        command.Options.Add(noMigration);
        command.SetAction(async (arguments, _) =>
        {
            // A restart reads the configuration anew.
            var next = Next.Restart;
            while (next is not Next.End)
            {
                if (options.Load(arguments) is not { } configuration)
                {
                    return 1;
                }

                try
                {
                    var folder = options.Folder(arguments);
                    var level = new LogSwitch(configuration.General.LogLevel);
                    using var tail = new LogTail(TimeProvider.System);
                    using var control = new ProgramControl(configuration, folder, level, tail, TimeProvider.System);
                    using var telemetry = configuration.Instrumentation.Otlp is { } otlp ? new OtlpExport(otlp, control.NodeName) : null;
                    using var loggers = CommonOptions.Loggers(level, tail, telemetry is null ? null : telemetry.AddTo);
                    telemetry?.Start(loggers);
                    next = await RunAsync(configuration, folder, options.IsBuiltIn(arguments), !arguments.GetValue(noMigration), loggers, control, next);
                }
                catch (StartException refused)
                {
                    Console.Error.WriteLine($"Meerkat cannot start: {refused.Message}");
                    return 1;
                }
            }

            return 0;
        });
        return command;
    }

    private static async Task<Next> RunAsync(MeerkatConfiguration configuration, DataFolder folder, bool isBuiltIn, bool migrates, ILoggerFactory loggers, ProgramControl control, Next reason)
    {
        var log = loggers.CreateLogger<MeerkatServer>();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            return await ServeAsync(configuration, folder, isBuiltIn, migrates, loggers, control);
        }
        catch (StartException refused) when (reason is Next.JoinAnew)
        {
            // What it was given up for, a network that is cut or a database that is away, may be so still.
            ServerLog.CannotJoinYet(log, refused.Message);
            return await Task.WhenAny(control.Stopping, Task.Delay(s_pause)) == control.Stopping && !await control.Stopping ? Next.End : Next.JoinAnew;
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            control.Stop();
        }
    }

    private static async Task<Next> ServeAsync(MeerkatConfiguration configuration, DataFolder folder, bool isBuiltIn, bool migrates, ILoggerFactory loggers, ProgramControl control)
    {
        var log = loggers.CreateLogger<MeerkatServer>();
        var isLost = false;
        await using var server = new MeerkatServer(configuration, folder, TimeProvider.System, loggers, control) { Migrates = migrates };
        server.Lost += () =>
        {
            isLost = true;
            control.Restart(); // its sessions end, and it joins anew
        };
        await server.StartAsync(CancellationToken.None);
        ServerLog.Started(log, Version);
        Introduce(server, configuration, folder, isBuiltIn);
        _ = SayAboutChannelBindingAsync(log);

        var again = await control.Stopping;
        Console.WriteLine(again ? "Meerkat is restarting ..." : "Meerkat is stopping ...");
        var sessions = server.Context!.Sessions.Count;
        await server.StopAsync();
        ServerLog.Stopped(log, sessions);
        return !again ? Next.End : isLost ? Next.JoinAnew : Next.Restart;
    }

    private static string Version => typeof(RunCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    // What a newcomer wants to know, in the order in which they want to know it.
    private static void Introduce(MeerkatServer server, MeerkatConfiguration configuration, DataFolder folder, bool isBuiltIn)
    {
        Console.WriteLine($"Meerkat {Version} for {Served(server, configuration)}, configured by {configuration.Source}");
        foreach (var line in server.Listening)
        {
            Console.WriteLine($"  listens: {line}");
        }

        Console.WriteLine($"  data:    {folder.Path}");
        Console.WriteLine("  administration: ./ctl, or meerkatctl with the same data folder");
        if (server.SignedItself)
        {
            Console.WriteLine("  TLS:     no certificate is configured, so the server signed one itself: clients will ask whether to trust it. Set certfile and keyfile in the tls tables.");
        }

        if (isBuiltIn)
        {
            Console.WriteLine("  new accounts are taken from this machine only, by clients or with: ./run account register alice@localhost");
            Console.WriteLine("  to take them from elsewhere: \"./run config default > meerkat.toml\", there change the line \"ip_access\" of [modules.mod_register], and \"./run --config meerkat.toml\"");
        }

        if (configuration.Listen.Http.Any(listener => listener.Handlers.WebChat.Count > 0) && !HttpHandlers.HasWebChat)
        {
            Console.WriteLine("  chat:    this build has no web client, because Node.js and npm were missing when it was made");
        }

        SayAboutAdministration(configuration, folder);
        Console.WriteLine("Meerkat is ready");
    }

    private static void SayAboutAdministration(MeerkatConfiguration configuration, DataFolder folder)
    {
        if (configuration.Listen.Http.All(listener => listener.Handlers.WebAdmin.Count == 0))
        {
            return;
        }

        if (!HttpHandlers.HasWebAdmin)
        {
            Console.WriteLine("  admin:   this build has no page for administrators, because Node.js and npm were missing when it was made");
        }

        foreach (var handler in configuration.Listen.Http.SelectMany(listener => listener.Handlers.GraphQL).Where(handler => handler.PasswordFile is not null).DistinctBy(handler => (handler.Username, handler.PasswordFile)))
        {
            Console.WriteLine($"  admin:   the password of \"{handler.Username}\" is in {Path.GetFullPath(handler.PasswordFile!, folder.Path)}");
        }
    }

    private static string Served(MeerkatServer server, MeerkatConfiguration configuration)
    {
        var added = server.Context!.Domains.All.Count(domain => domain.Service is null) - configuration.General.Hosts.Count;
        return string.Join(", ", configuration.General.HostTypes is [] ? configuration.General.Hosts : [.. configuration.General.Hosts, $"{added} domains of the database"]);
    }

    private static async Task SayAboutChannelBindingAsync(ILogger log)
    {
        if (await ChannelBinding.ProbeAsync() is { } reason)
        {
            ServerLog.NoExporter(log, reason);
        }
    }
}
