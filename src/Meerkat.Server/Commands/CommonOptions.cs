using System.CommandLine;
using Meerkat.Admin.Monitoring;
using Meerkat.Core.Configuration;
using Meerkat.Core.Hosts;
using Meerkat.Server.Configuration;
using Meerkat.Server.Running;
using Meerkat.Server.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Meerkat.Server.Commands;

/// <summary>What several commands take: a configuration file and a data folder.</summary>
internal sealed class CommonOptions
{
    private readonly Option<string?> _config = new("--config", "-c") { Description = "Configuration file; without it the built-in one.", HelpName = "FILE" };
    private readonly Option<string?> _data = new("--data", "-d") { Description = $"Data folder; without it ${DataFolder.Variable}, or ./data.", HelpName = "FOLDER" };
    private readonly Option<bool> _allowMissing = new("--allow-missing") { Description = "Go on without what the configuration asks for and this server does not have." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_config);
        command.Options.Add(_data);
        command.Options.Add(_allowMissing);
    }

    /// <summary>Reads the configuration; what is wrong with it goes to standard error, all at once.</summary>
    /// <returns>Null when it is refused.</returns>
    public MeerkatConfiguration? Load(ParseResult arguments)
    {
        var errors = new ConfigErrors();
        var allowMissing = arguments.GetValue(_allowMissing);
        var source = ConfigurationSource.Find(arguments.GetValue(_config), errors);
        var configuration = source is null ? null : ConfigurationLoader.Load(source, ModulesHere.Options, allowMissing, errors);
        if (IsJson && configuration is null)
        {
            using var loggers = Loggers(new LogSwitch(LogThreshold.Error));
            ConfigurationLog.Write(loggers.CreateLogger<MeerkatConfiguration>(), errors.All.Where(problem => problem.Kind is not ConfigProblemKind.NoEffect));
        }
        else
        {
            ConfigCommand.Print(errors, allowMissing, Console.Error);
        }

        if (configuration is null)
        {
            Console.Error.WriteLine(ConfigCommand.CouldNotRead);
        }

        return configuration;
    }

    /// <summary>Whether the built-in configuration is used.</summary>
    public bool IsBuiltIn(ParseResult arguments) => arguments.GetValue(_config) is null && Environment.GetEnvironmentVariable(ConfigurationSource.PathVariable) is null;

    /// <summary>Opens the data folder.</summary>
    public DataFolder Folder(ParseResult arguments) => DataFolder.Open(arguments.GetValue(_data));

    /// <summary>Loggers to standard error: text for people, or JSON where <c>MEERKAT_LOG_FORMAT=json</c>.</summary>
    /// <param name="level">The level.</param>
    /// <param name="tail">Gets them too; null for nobody.</param>
    /// <param name="more">Where entries go beside; null for nowhere.</param>
    public static ILoggerFactory Loggers(LogSwitch level, LogTail? tail = null, Action<ILoggingBuilder>? more = null) => LoggerFactory.Create(logging =>
    {
        more?.Invoke(logging);
        logging.AddProvider(new LogCounter());
        logging.Services.AddSingleton<IConfigureOptions<LoggerFilterOptions>>(level);
        logging.Services.AddSingleton<IOptionsChangeTokenSource<LoggerFilterOptions>>(level);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None); // what it cannot start, whoever starts it says
        logging.AddFilter("FluentMigrator", LogLevel.Warning);
        logging.AddFilter("Orleans", LogLevel.Error); // what it warns of, the node says in its own words
        if (tail is not null)
        {
            logging.AddProvider(tail);
        }

        if (IsJson)
        {
            logging.AddJsonConsole(json =>
            {
                json.UseUtcTimestamp = true;
                json.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
            });
        }
        else
        {
            logging.AddSimpleConsole(text =>
            {
                text.SingleLine = true;
                text.UseUtcTimestamp = true;
                text.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            });
        }

        logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
    });

    private static bool IsJson => Environment.GetEnvironmentVariable("MEERKAT_LOG_FORMAT") == "json";
}
