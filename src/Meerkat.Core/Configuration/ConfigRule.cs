using System.ComponentModel.DataAnnotations;

namespace Meerkat.Core.Configuration;

/// <summary>A broken rule that joins more than one option, with the reference's short name of the mistake (CONF-022 to CONF-034).</summary>
/// <param name="message">What is wrong and what is allowed.</param>
/// <param name="member">The property whose key is pointed at; when the file does not have that key, its table is.</param>
/// <param name="reason">The short name, as <c>duplicate_listeners</c>.</param>
public sealed class ConfigRule(string message, string member, string reason) : ValidationResult(message, [member])
{
    /// <summary>The short name of the mistake.</summary>
    public string Reason { get; } = reason;

    /// <summary>Where the mistake stands, when that is not where the member does: one item of a list. Null otherwise.</summary>
    public ConfigPosition? Position { get; init; }
}
