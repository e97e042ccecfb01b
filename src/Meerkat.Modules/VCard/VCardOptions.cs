using Meerkat.Core.Configuration;

namespace Meerkat.Modules.VCard;

/// <summary>Options of <c>mod_vcard</c>: a <c>[modules.mod_vcard]</c> table.</summary>
public sealed record VCardOptions
{
    /// <summary><c>backend</c>: where vCards are kept. Default <c>mnesia</c>, the embedded store.</summary>
    public VCardBackend Backend { get; init; } = VCardBackend.Mnesia;

    /// <summary><c>host</c>: the subdomain of the directory search. Default <c>vjud.@HOST@</c>.</summary>
    [SubdomainTemplate]
    public string Host { get; init; } = "vjud.@HOST@";

    /// <summary><c>search</c>: whether there is a directory search. Default true.</summary>
    public bool Search { get; init; } = true;

    /// <summary><c>matches</c>: the most entries that a search finds; null is <c>"infinity"</c>. Default 30.</summary>
    [AtLeast(0), InfinityAllowed]
    public int? Matches { get; init; } = 30;
}

/// <summary>Where vCards are kept.</summary>
public enum VCardBackend
{
    /// <summary>The embedded store.</summary>
    Mnesia,

    /// <summary>The <c>rdbms</c> pool tagged <c>default</c>.</summary>
    Rdbms,

    /// <summary>A directory of the organisation, read only.</summary>
    [NotAvailable("vCards from LDAP are not built yet")]
    Ldap,
}
