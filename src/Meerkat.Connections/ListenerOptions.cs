using System.ComponentModel.DataAnnotations;
using System.Net;
using System.Net.Sockets;
using Meerkat.Core.Configuration;

namespace Meerkat.Connections;

/// <summary>What every listener has (CONF-064 to CONF-068).</summary>
public abstract record ListenerOptions : IValidatableObject
{
    /// <summary>Where the table stands.</summary>
    public ConfigPosition Position { get; init; }

    /// <summary><c>port</c>: 0 takes any free port (CONF-064).</summary>
    [Range(0, 65535)]
    public required int Port { get; init; }

    /// <summary><c>ip_address</c>: where to listen; null means all addresses of the version (CONF-065).</summary>
    public IPAddress? IpAddress { get; init; }

    /// <summary><c>ip_version</c>: 4 or 6; null means that of the address, else 4 (CONF-066).</summary>
    [AllowedValues(4, 6, ErrorMessage = "must be 4 or 6")]
    public int? IpVersion { get; init; }

    /// <summary><c>proto</c>: only <c>tcp</c> (CONF-067).</summary>
    public ListenerProtocol Proto { get; init; } = ListenerProtocol.Tcp;

    /// <summary>The address and port to bind.</summary>
    public IPEndPoint EndPoint => new(IpAddress ?? (IpVersion == 6 ? IPAddress.IPv6Any : IPAddress.Any), Port);

    /// <summary>The address is of the version that is asked for (CONF-066).</summary>
    public virtual IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (IpAddress is not null && IpVersion is { } version && version != (IpAddress.AddressFamily is AddressFamily.InterNetworkV6 ? 6 : 4))
        {
            yield return new ConfigRule($"is {version}, but ip_address is \"{IpAddress}\"", nameof(IpVersion), "ip_version_mismatch");
        }
    }
}

/// <summary>Transport protocols of listeners.</summary>
public enum ListenerProtocol
{
    /// <summary>TCP.</summary>
    Tcp,
}
