namespace Meerkat.Core.Modules;

/// <summary>A class that is a module, and its key in the configuration.</summary>
/// <param name="key">The key under <c>[modules]</c>, MongooseIM's where it has one: <c>mod_private</c>.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ModuleAttribute(string key) : Attribute
{
    /// <summary>The key under <c>[modules]</c>.</summary>
    public string Key { get; } = key;

    /// <summary>The record that the module's table is bound to; null when the module has no options.</summary>
    public Type? Options { get; init; }
}

/// <summary>An XEP that a module implements. <c>docs/standards.md</c> and <c>doap.xml</c> are made of these.</summary>
/// <param name="number">Number of the XEP.</param>
/// <param name="version">Version that was followed.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class XepAttribute(int number, string version) : Attribute
{
    /// <summary>Number of the XEP.</summary>
    public int Number { get; } = number;

    /// <summary>Version that was followed.</summary>
    public string Version { get; } = version;

    /// <summary>What is left out, in a few words; null when it is complete.</summary>
    public string? Partial { get; init; }
}

/// <summary>Who says that a feature is there: an entity that is asked by service discovery (XEP-0030), or a stream (RFC 6120 §4.3.2).</summary>
[Flags]
public enum Announcer
{
    /// <summary>The stream features before authentication.</summary>
    StreamBefore = 1,

    /// <summary>The stream features after authentication.</summary>
    StreamAfter = 2,

    /// <summary>The stream features before and after authentication (CORE-061).</summary>
    Stream = StreamBefore | StreamAfter,

    /// <summary>A domain of the host type.</summary>
    Server = 4,

    /// <summary>An account, to itself and to those who may see it.</summary>
    Account = 8,

    /// <summary>The service on a subdomain that the module has, or that it serves.</summary>
    Service = 16,

    /// <summary>A room of such a service.</summary>
    Room = 32,
}

/// <summary>The features that a class announces, and who says so: a disco feature by its name, a stream feature by its namespace. A test holds them against what is told, both ways.</summary>
/// <param name="by">Who says so.</param>
/// <param name="features">All of them, those that hang on an option too.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class AnnouncesAttribute(Announcer by, params string[] features) : Attribute
{
    /// <summary>Who says so.</summary>
    public Announcer By { get; } = by;

    /// <summary>The features.</summary>
    public IReadOnlyList<string> Features { get; } = features;
}

/// <summary>An RFC that a class implements.</summary>
/// <param name="number">Number of the RFC.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class RfcAttribute(int number) : Attribute
{
    /// <summary>Number of the RFC.</summary>
    public int Number { get; } = number;
}

/// <summary>A module that has to be there as well: it is added with its defaults when it is not configured, and starts first (CONF-219).</summary>
/// <param name="key">Key of the module.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class NeedsAttribute(string key) : Attribute
{
    /// <summary>Key of the module.</summary>
    public string Key { get; } = key;

    /// <summary>Whether the needed module, where it is not configured, gets the options of the one that needs it. Both have the same options record.</summary>
    public bool SharesOptions { get; init; }
}

/// <summary>A module that starts first if it is configured, because its contract is used when it is there.</summary>
/// <param name="key">Key of the module.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class UsesAttribute(string key) : Attribute
{
    /// <summary>Key of the module.</summary>
    public string Key { get; } = key;
}
