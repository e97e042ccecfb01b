namespace Meerkat.Core.Configuration;

/// <summary>What becomes of a key that the reference knows and no options record serves.</summary>
internal enum KnownKeyKind
{
    /// <summary>Accepted and checked, without effect; noted once.</summary>
    NoEffect,

    /// <summary>Not possible here, or not built yet: refused unless the operator allows it to be left out.</summary>
    NotAvailable,

    /// <summary>No longer a key of the reference (CONF-308 to CONF-311): an error that says what took its place.</summary>
    Removed,

    /// <summary>A key that the whole server has one value of, in a <c>host_config</c> entry (CONF-032): an error.</summary>
    GlobalOnly,
}

/// <summary>One row of <see cref="KnownKeys"/>.</summary>
/// <param name="Kind">What becomes of the key.</param>
/// <param name="Path">The dotted path; <c>*</c> stands for any one key.</param>
/// <param name="Reason">Why, for the operator.</param>
/// <param name="Shape">What the value must look like: a property of <see cref="KeyShapes"/>; null when it is not looked at, or when a record serves the key.</param>
internal sealed record KnownKey(KnownKeyKind Kind, string Path, string Reason, string? Shape)
{
    public string[] Keys { get; } = ConfigPath.Split(Path);
}
