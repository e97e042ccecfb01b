namespace Meerkat.Core.Configuration;

/// <summary>Where a module keeps what must last: the common <c>backend</c> option. A module whose backends differ declares its own enum.</summary>
public enum PersistentBackend
{
    /// <summary>The embedded store (CONF-126).</summary>
    Mnesia,

    /// <summary>The <c>rdbms</c> pool tagged <c>default</c>.</summary>
    Rdbms,
}

/// <summary>Where a module keeps what ends with the server: the common <c>backend</c> option.</summary>
public enum TransientBackend
{
    /// <summary>Memory (CONF-126: both names mean the same here).</summary>
    Mnesia,

    /// <summary>Memory.</summary>
    Cets,
}
