using Meerkat.Core.Configuration;

namespace Meerkat.Modules.Disco;

/// <summary>Options of <c>mod_disco</c>: a <c>[modules.mod_disco]</c> table (CONF-279).</summary>
public sealed record DiscoOptions
{
    /// <summary><c>extra_domains</c>: domains that are listed as items of the server beside its own services. Default: none.</summary>
    [Domain]
    public IReadOnlyList<string> ExtraDomains { get; init; } = [];

    /// <summary><c>server_info</c>: contact addresses (XEP-0157). Default: none.</summary>
    public IReadOnlyList<ServerInfoOptions> ServerInfo { get; init; } = [];
}

/// <summary>A kind of contact address: a <c>[[modules.mod_disco.server_info]]</c> table.</summary>
public sealed record ServerInfoOptions
{
    /// <summary><c>name</c>: name of the field, such as <c>abuse-addresses</c>.</summary>
    [NonEmpty]
    public required string Name { get; init; }

    /// <summary><c>urls</c>: the addresses, as URIs.</summary>
    public required IReadOnlyList<string> Urls { get; init; }

    /// <summary><c>modules</c>: the modules whose services show it, <c>mod_disco</c> for the server itself. Default: all (DSC-004).</summary>
    public IReadOnlyList<string>? Modules { get; init; }
}
