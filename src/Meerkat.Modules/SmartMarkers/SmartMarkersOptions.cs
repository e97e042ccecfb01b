using Meerkat.Core.Configuration;

namespace Meerkat.Modules.SmartMarkers;

/// <summary>Options of <c>mod_smart_markers</c>: a <c>[modules.mod_smart_markers]</c> table.</summary>
public sealed record SmartMarkersOptions
{
    /// <summary><c>backend</c>: <c>rdbms_async</c> writes behind the message's delivery. Null: as <c>rdbms</c>, in the database that the host has.</summary>
    public SmartMarkersBackend? Backend { get; init; }

    /// <summary><c>keep_private</c>: whether markers stay between an account and the server: nobody is sent them, nobody else is told them. Default false (SMK-004).</summary>
    public bool KeepPrivate { get; init; }

    /// <summary><c>async_writer</c>: how <c>rdbms_async</c> writes.</summary>
    public SmartMarkersWriterOptions AsyncWriter { get; init; } = new();
}

/// <summary>The <c>async_writer</c> table of smart markers.</summary>
public sealed record SmartMarkersWriterOptions
{
    /// <summary><c>pool_size</c>: how many writers work side by side. Default: two for each processor.</summary>
    [AtLeast(1)]
    public int? PoolSize { get; init; }
}

/// <summary>How markers are written.</summary>
public enum SmartMarkersBackend
{
    /// <summary>Before the message goes on.</summary>
    Rdbms,

    /// <summary>Behind it: of several that wait for one conversation only the last is written (SMK-006).</summary>
    RdbmsAsync,
}
