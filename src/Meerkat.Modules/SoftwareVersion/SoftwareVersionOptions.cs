namespace Meerkat.Modules.SoftwareVersion;

/// <summary>Options of <c>mod_version</c>: a <c>[modules.mod_version]</c> table.</summary>
public sealed record SoftwareVersionOptions
{
    /// <summary><c>os_info</c>: whether the operating system is told as well. Default: false.</summary>
    public bool OsInfo { get; init; }
}
