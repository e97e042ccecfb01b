using Meerkat.Core.Configuration;

namespace Meerkat.Modules.StreamManagement;

/// <summary>Options of <c>mod_stream_management</c>: a <c>[modules.mod_stream_management]</c> table.</summary>
public sealed record StreamManagementOptions
{
    /// <summary><c>backend</c>: where the table of sessions that can be resumed lives; both names mean memory (CONF-264). Default <c>mnesia</c>.</summary>
    public TransientBackend Backend { get; init; } = TransientBackend.Mnesia;

    /// <summary><c>buffer</c>: whether stanzas are kept until the client acknowledges them. False: nothing is sent again on resumption but what could not be sent at all. Default true.</summary>
    public bool Buffer { get; init; } = true;

    /// <summary><c>buffer_max</c>: how many stanzas may wait for acknowledgement; a session that is over it for 5 s ends (CORE-213). Null, <c>infinity</c>: no limit. Default 100.</summary>
    [AtLeast(1), InfinityAllowed]
    public int? BufferMax { get; init; } = 100;

    /// <summary><c>ack</c>: whether the server asks for acknowledgements. Default true.</summary>
    public bool Ack { get; init; } = true;

    /// <summary><c>ack_freq</c>: after how many stanzas it asks. Default 1.</summary>
    [AtLeast(1)]
    public int AckFreq { get; init; } = 1;

    /// <summary><c>resume_timeout</c>: how long a session without a connection waits for resumption. Default 600 s.</summary>
    [Unit(TimeUnit.Seconds), AtLeast(1)]
    public TimeSpan ResumeTimeout { get; init; } = TimeSpan.FromSeconds(600);

    /// <summary><c>stale_h</c>: whether, and for how long, the server remembers the count of a session that is gone.</summary>
    public StaleCountOptions StaleH { get; init; } = new();
}

/// <summary>The <c>stale_h</c> table (CORE-220).</summary>
public sealed record StaleCountOptions
{
    /// <summary><c>enabled</c>: whether a failed resumption tells the client how many of its stanzas were handled. Default false.</summary>
    public bool Enabled { get; init; }

    /// <summary><c>repeat_after</c>: how often old counts are thrown away. Default 1800 s.</summary>
    [Unit(TimeUnit.Seconds), AtLeast(1)]
    public TimeSpan RepeatAfter { get; init; } = TimeSpan.FromSeconds(1800);

    /// <summary><c>geriatric</c>: the age at which a count is forgotten. Default 3600 s.</summary>
    [Unit(TimeUnit.Seconds), AtLeast(1)]
    public TimeSpan Geriatric { get; init; } = TimeSpan.FromSeconds(3600);
}
