using System.Net;
using System.Text.RegularExpressions;
using Meerkat.Xmpp;

namespace Meerkat.Core.Configuration;

/// <summary>A rule on a string of the configuration; on a list, on each of its items (CONF-012).</summary>
[AttributeUsage(AttributeTargets.Property)]
public abstract class ConfigStringAttribute : Attribute
{
    /// <summary>What is allowed, for the error message: <c>a domain name</c>.</summary>
    public abstract string Allowed { get; }

    /// <summary>The reference's short name of the mistake.</summary>
    public virtual string Reason => "invalid_value";

    /// <summary>The value in its normal form, or null when it is not allowed.</summary>
    public abstract string? Accept(string value);
}

/// <summary>Not the empty string.</summary>
public sealed class NonEmptyAttribute : ConfigStringAttribute
{
    /// <inheritdoc/>
    public override string Allowed => "a string that is not empty";

    /// <inheritdoc/>
    public override string? Accept(string value) => value.Length == 0 ? null : value;
}

/// <summary>A domain name, in its prepared form (CORE-003). No look-up is made: a name may be served before DNS knows it.</summary>
public sealed class DomainAttribute : ConfigStringAttribute
{
    /// <inheritdoc/>
    public override string Allowed => "a domain name";

    /// <inheritdoc/>
    public override string? Accept(string value) => DomainSyntax.Prepare(value);
}

/// <summary>An address, in its prepared form (CORE-001).</summary>
public sealed class JidAttribute : ConfigStringAttribute
{
    /// <inheritdoc/>
    public override string Allowed => "a JID";

    /// <inheritdoc/>
    public override string? Accept(string value) => Jid.TryParse(value, out var jid) ? jid.ToString() : null;
}

/// <summary>A localpart, in its prepared form; empty is allowed, as a prefix or suffix may be.</summary>
public sealed class LocalpartAttribute : ConfigStringAttribute
{
    /// <inheritdoc/>
    public override string Allowed => "the localpart of an address, or a part of one";

    /// <inheritdoc/>
    public override string? Accept(string value) => value.Length == 0 ? value : AddressSyntax.Prepare(value);
}

/// <summary>A condition of an access class: prepared like a localpart whatever part it is compared with (CONF-203).</summary>
public sealed class AclConditionAttribute : ConfigStringAttribute
{
    /// <inheritdoc/>
    public override string Allowed => "text that could stand in a localpart (it is compared in lower case)";

    /// <inheritdoc/>
    public override string Reason => "incorrect_acl_condition_value";

    /// <inheritdoc/>
    public override string? Accept(string value) => AddressSyntax.Prepare(value);
}

/// <summary>A condition of an access class that is a regular expression.</summary>
public sealed class AclRegexAttribute : ConfigStringAttribute
{
    /// <inheritdoc/>
    public override string Allowed => "a regular expression of characters that could stand in a localpart (it is compared in lower case)";

    /// <inheritdoc/>
    public override string Reason => "incorrect_acl_condition_value";

    /// <inheritdoc/>
    public override string? Accept(string value)
    {
        if (AddressSyntax.Prepare(value) is not { } prepared)
        {
            return null;
        }

        try
        {
            _ = new Regex(prepared, RegexOptions.CultureInvariant);
            return prepared;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}

/// <summary>A file that exists and can be read now.</summary>
public sealed class ExistingFileAttribute : ConfigStringAttribute
{
    /// <inheritdoc/>
    public override string Allowed => "the name of a file that exists and can be read";

    /// <inheritdoc/>
    public override string? Accept(string value)
    {
        try
        {
            using var file = File.OpenRead(value);
            return value;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}

/// <summary>A fixed domain, or <c>name.@HOST@</c> with the marker as its end (CONF-015).</summary>
public sealed class SubdomainTemplateAttribute : ConfigStringAttribute
{
    private const string Marker = ".@HOST@";

    /// <inheritdoc/>
    public override string Allowed => "a domain name, or \"name.@HOST@\"";

    /// <inheritdoc/>
    public override string? Accept(string value)
    {
        if (!value.EndsWith(Marker, StringComparison.Ordinal))
        {
            return DomainSyntax.Prepare(value);
        }

        return DomainSyntax.Prepare(value[..^Marker.Length]) is { } prefix ? prefix + Marker : null;
    }
}

/// <summary>An absolute address of the Web or another.</summary>
public sealed class UrlAttribute : ConfigStringAttribute
{
    /// <inheritdoc/>
    public override string Allowed => "an absolute URL";

    /// <inheritdoc/>
    public override string? Accept(string value) => Uri.TryCreate(value, UriKind.Absolute, out _) ? value : null;
}

/// <summary>An IP address or a domain name.</summary>
public sealed class NetworkAddressAttribute : ConfigStringAttribute
{
    /// <inheritdoc/>
    public override string Allowed => "an IP address or a domain name";

    /// <inheritdoc/>
    public override string? Accept(string value) => IPAddress.TryParse(value, out var ip) ? ip.ToString() : DomainSyntax.Prepare(value);
}
