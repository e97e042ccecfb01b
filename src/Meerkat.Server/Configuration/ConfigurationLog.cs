using Meerkat.Core.Configuration;
using Microsoft.Extensions.Logging;

namespace Meerkat.Server.Configuration;

/// <summary>What is wrong with a configuration as entries of a structured log, for programs that read logs (CONF-018, CONF-019). People get <see cref="ConfigCommand.Print"/>.</summary>
internal static partial class ConfigurationLog
{
    /// <summary>Logs each finding that stops the start; the names of the fields are the reference's.</summary>
    public static void Write(ILogger logger, IEnumerable<ConfigProblem> problems)
    {
        foreach (var problem in problems)
        {
            if (problem.Reason == "toml_parsing_failed")
            {
                ParsingFailed(logger, problem.Reason, problem.Message, problem.Position.ToString());
            }
            else
            {
                ProcessingFailed(logger, "toml_processing_failed", $"TOML configuration error: {TextOf(problem.Reason)}", problem.Key, problem.Value, problem.Reason, problem.Message, problem.Position.ToString());
            }
        }
    }

    private static string TextOf(string reason) => reason switch
    {
        "unexpected_key" or "missing_mandatory_keys" or "list_not_unique" or "duplicate_host_config" => "List or section has invalid key-value pairs",
        "not_allowed_in_host_config" => "Node could not be wrapped in a config option",
        "no_hosts" or "duplicate_listeners" or "missing_section_for_auth_method" or "undefined_shapers" or "both_username_and_password_required" or "backend_requires_internal_database"
            or "pool_not_configured" or "unknown_host" or "prometheus_not_enabled" or "tls_certfile_without_keyfile" or "tls_keyfile_without_certfile" or "not_available" => "Node could not be processed",
        _ => "Invalid node value",
    };

    [LoggerMessage(LogLevel.Error, "{what}: {reason} in {file}")]
    private static partial void ParsingFailed(ILogger logger, string what, string reason, string file);

    [LoggerMessage(LogLevel.Error, "{what}: {text}: {toml_path} = {toml_value}: {reason}: {message} in {file}")]
    private static partial void ProcessingFailed(ILogger logger, string what, string text, string toml_path, string? toml_value, string reason, string message, string file);
}
