namespace Meerkat.Storage.Cassandra.Protocol;

/// <summary>Error codes of the native protocol, version 4 (section 9).</summary>
internal enum CqlError
{
    /// <summary>A mistake of the server.</summary>
    ServerError = 0x0000,

    /// <summary>A mistake of the client: the frame is not what the protocol says.</summary>
    ProtocolError = 0x000A,

    /// <summary>Name or password is wrong.</summary>
    BadCredentials = 0x0100,

    /// <summary>Too few replicas are alive; nothing was done.</summary>
    Unavailable = 0x1000,

    /// <summary>The server has too much to do; nothing was done.</summary>
    Overloaded = 0x1001,

    /// <summary>The server is joining the cluster; nothing was done.</summary>
    IsBootstrapping = 0x1002,

    /// <summary>A table could not be truncated.</summary>
    TruncateError = 0x1003,

    /// <summary>Too few replicas answered a write in time.</summary>
    WriteTimeout = 0x1100,

    /// <summary>Too few replicas answered a read in time.</summary>
    ReadTimeout = 0x1200,

    /// <summary>A replica could not read.</summary>
    ReadFailure = 0x1300,

    /// <summary>A function failed.</summary>
    FunctionFailure = 0x1400,

    /// <summary>A replica could not write.</summary>
    WriteFailure = 0x1500,

    /// <summary>The statement is no CQL.</summary>
    SyntaxError = 0x2000,

    /// <summary>The role may not do that.</summary>
    Unauthorized = 0x2100,

    /// <summary>The statement does not fit the schema.</summary>
    Invalid = 0x2200,

    /// <summary>A setting does not fit.</summary>
    ConfigError = 0x2300,

    /// <summary>The table or keyspace is there already.</summary>
    AlreadyExists = 0x2400,

    /// <summary>The server does not know the prepared statement (any more).</summary>
    Unprepared = 0x2500,
}
