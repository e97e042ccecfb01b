using Meerkat.Core.Configuration;

namespace Meerkat.Modules.Offline;

/// <summary>Options of <c>mod_offline</c>: a <c>[modules.mod_offline]</c> table.</summary>
public sealed record OfflineOptions
{
    /// <summary><c>backend</c>: where messages are kept. Default <c>mnesia</c>, the embedded store.</summary>
    public PersistentBackend Backend { get; init; } = PersistentBackend.Mnesia;

    /// <summary><c>access_max_user_messages</c>: the access rule that says how many messages may wait for an account: a number or <c>infinity</c>. Default
    /// <c>max_user_offline_messages</c>. Where the rule is not there, matches nobody or says something else, there is no limit (OFF-003).</summary>
    [NonEmpty]
    public string AccessMaxUserMessages { get; init; } = "max_user_offline_messages";

    /// <summary><c>store_groupchat_messages</c>: whether messages of type groupchat are kept too, which makes sense for MUC Light only. Default false.</summary>
    public bool StoreGroupchatMessages { get; init; }
}
