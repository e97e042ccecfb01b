namespace Meerkat.Core.Domains;

/// <summary>What became of a change (CORE-238).</summary>
public enum DomainResult
{
    /// <summary>It is done; or, of a removal in the background, it has begun.</summary>
    Ok,

    /// <summary>The name is none of a domain: it fails nameprep, or is longer than 255 octets.</summary>
    InvalidName,

    /// <summary>The domain is in the configuration.</summary>
    Static,

    /// <summary>The configuration has no such host type for domains that are added.</summary>
    UnknownHostType,

    /// <summary>The domain is there already, maybe with another host type, or its data are still being removed.</summary>
    Duplicate,

    /// <summary>The domain is not there.</summary>
    NotFound,

    /// <summary>The domain has another host type.</summary>
    WrongHostType,

    /// <summary>The domain is being deleted.</summary>
    Deleting,
}
