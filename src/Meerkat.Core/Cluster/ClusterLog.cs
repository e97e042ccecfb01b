using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Cluster;

internal static partial class ClusterLog
{
    [LoggerMessage(LogLevel.Warning, "Node {Node} is not reached: {Reason}. What is for it waits; trying again until it has left the cluster")]
    public static partial void NotReached(ILogger logger, ClusterNode node, string reason);

    [LoggerMessage(LogLevel.Error, "What node {Node} has sent cannot be read, and is passed over")]
    public static partial void Unreadable(ILogger logger, Exception failure, ClusterNode node);

    [LoggerMessage(LogLevel.Error, "What node {Node} asked or told ({Verb}) failed")]
    public static partial void Failed(ILogger logger, Exception failure, ClusterNode node, NodeVerb verb);

    [LoggerMessage(LogLevel.Warning, "Node {Node} does not say that it has heard what changed: {Reason}. It hears it when it is reached again")]
    public static partial void NotTold(ILogger logger, ClusterNode node, string reason);

    [LoggerMessage(LogLevel.Error, "That something has changed ({Topic}) about {About} on another node was not dealt with")]
    public static partial void NotHeard(ILogger logger, Exception failure, string topic, BareJid about);

    [LoggerMessage(LogLevel.Warning, "Node {Node} does not say which sessions it has: {Reason}. They are left out")]
    public static partial void NotListed(ILogger logger, ClusterNode node, string reason);

    [LoggerMessage(LogLevel.Information, "Node {Node} has left the cluster; {Left} things that it did not take go elsewhere")]
    public static partial void Left(ILogger logger, ClusterNode node, int left);

    [LoggerMessage(LogLevel.Information, "sm_node_cleanup: {Sessions} sessions of node {Node} are gone; their contacts were told within {Elapsed}")]
    public static partial void Cleaned(ILogger logger, int sessions, ClusterNode node, TimeSpan elapsed);

    [LoggerMessage(LogLevel.Error, "What session {Jid} leaves behind on node {Node} was not dealt with")]
    public static partial void CleanUpFailed(ILogger logger, Exception failure, FullJid jid, ClusterNode node);

    [LoggerMessage(LogLevel.Warning, "The authority for sessions does not answer: {Reason}. Trying again")]
    public static partial void RegistryAway(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Error, "This node was away from the cluster for too long: its {Sessions} sessions end")]
    public static partial void Lost(ILogger logger, int sessions);

    [LoggerMessage(LogLevel.Warning, "Node {Node} was not told which single writers are here: {Reason}. Trying again")]
    public static partial void PlacesNotTold(ILogger logger, ClusterNode node, string reason);

    [LoggerMessage(LogLevel.Error, "A stanza that came back from node {Node} for {Jid} was not dealt with")]
    public static partial void ReturnFailed(ILogger logger, Exception failure, ClusterNode node, FullJid jid);
}
