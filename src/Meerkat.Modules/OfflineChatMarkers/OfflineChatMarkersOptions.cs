namespace Meerkat.Modules.OfflineChatMarkers;

/// <summary>Options of <c>mod_offline_chatmarkers</c>: a <c>[modules.mod_offline_chatmarkers]</c> table.</summary>
public sealed record OfflineChatMarkersOptions
{
    /// <summary><c>backend</c>: where it is kept who has to be told. Null: as <c>rdbms</c>, in the database that the host has.</summary>
    public OfflineChatMarkersBackend? Backend { get; init; }

    /// <summary><c>store_groupchat_messages</c>: whether markers of rooms are told too, which makes sense for MUC Light only. Default false.</summary>
    public bool StoreGroupchatMessages { get; init; }
}

/// <summary>Where it is kept who has to be told.</summary>
public enum OfflineChatMarkersBackend
{
    /// <summary>The SQL database of the host.</summary>
    Rdbms,
}
