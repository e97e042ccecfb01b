namespace Meerkat.Storage.Cassandra.Protocol;

/// <summary>Kinds of messages (native protocol v4, section 2.4).</summary>
internal enum Opcode : byte
{
    /// <summary>The server's: it failed.</summary>
    Error = 0x00,

    /// <summary>The client's first.</summary>
    Startup = 0x01,

    /// <summary>The server's: go on.</summary>
    Ready = 0x02,

    /// <summary>The server's: who are you?</summary>
    Authenticate = 0x03,

    /// <summary>The client's: what can you do? Also asked to see whether a server answers.</summary>
    Options = 0x05,

    /// <summary>The server's answer to it.</summary>
    Supported = 0x06,

    /// <summary>The client's: run a text.</summary>
    Query = 0x07,

    /// <summary>The server's: what came of it.</summary>
    Result = 0x08,

    /// <summary>The client's: learn a text.</summary>
    Prepare = 0x09,

    /// <summary>The client's: run what was learnt.</summary>
    Execute = 0x0A,

    /// <summary>The client's: tell me about changes.</summary>
    Register = 0x0B,

    /// <summary>The server's: something has changed.</summary>
    Event = 0x0C,

    /// <summary>The client's: run several.</summary>
    Batch = 0x0D,

    /// <summary>The server's: a step of authentication.</summary>
    AuthChallenge = 0x0E,

    /// <summary>The client's: a step of authentication.</summary>
    AuthResponse = 0x0F,

    /// <summary>The server's: it is you.</summary>
    AuthSuccess = 0x10,
}

/// <summary>Flags of a frame (native protocol v4, section 2.2).</summary>
[Flags]
internal enum FrameFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The body is compressed: never agreed upon here.</summary>
    Compressed = 0x01,

    /// <summary>The body begins with the id of a trace.</summary>
    Tracing = 0x02,

    /// <summary>The body has a map of bytes before its own content.</summary>
    CustomPayload = 0x04,

    /// <summary>The body has a list of warnings before its own content.</summary>
    Warning = 0x08,
}

/// <summary>Flags of a statement's parameters (native protocol v4, section 4.1.4).</summary>
[Flags]
internal enum QueryFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>There are values.</summary>
    Values = 0x01,

    /// <summary>The answer needs no metadata.</summary>
    SkipMetadata = 0x02,

    /// <summary>There is a page size.</summary>
    PageSize = 0x04,

    /// <summary>There is a paging state.</summary>
    PagingState = 0x08,

    /// <summary>There is a serial consistency.</summary>
    SerialConsistency = 0x10,

    /// <summary>There is a time stamp.</summary>
    Timestamp = 0x20,

    /// <summary>Values have names.</summary>
    Names = 0x40,
}

/// <summary>Kinds of results (native protocol v4, section 4.2.5).</summary>
internal enum ResultKind
{
    /// <summary>Nothing to say.</summary>
    Void = 1,

    /// <summary>Rows.</summary>
    Rows = 2,

    /// <summary>The keyspace of the connection has changed.</summary>
    SetKeyspace = 3,

    /// <summary>A text was learnt.</summary>
    Prepared = 4,

    /// <summary>The schema has changed.</summary>
    SchemaChange = 5,
}

/// <summary>Flags of a result's metadata (native protocol v4, section 4.2.5.2).</summary>
[Flags]
internal enum MetadataFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>All columns are of one table, which is named once.</summary>
    GlobalTable = 1,

    /// <summary>There is a next page.</summary>
    HasMorePages = 2,

    /// <summary>Columns are not described.</summary>
    NoMetadata = 4,
}
