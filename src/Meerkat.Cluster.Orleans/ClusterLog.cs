using System.Net;
using Microsoft.Extensions.Logging;

namespace Meerkat.Cluster.Orleans;

internal static partial class ClusterLog
{
    [LoggerMessage(1, LogLevel.Information, "Node {Node} is a member of the cluster {Cluster}, on {Address}")]
    public static partial void Joined(ILogger log, string node, string cluster, string address);

    [LoggerMessage(2, LogLevel.Information, "Members of the cluster: {Nodes} (version {Version})")]
    public static partial void Changed(ILogger log, string nodes, long version);

    [LoggerMessage(3, LogLevel.Warning, "A connection from {Peer} was refused: no node of this cluster, or one with another secret ({Reason})")]
    public static partial void Refused(ILogger log, EndPoint? peer, string reason);

    [LoggerMessage(4, LogLevel.Warning, "The table of the cluster's nodes cannot be read; this node does not go by what it knows of the others until it can")]
    public static partial void Unconfirmed(ILogger log, Exception reason);

    [LoggerMessage(5, LogLevel.Error, "The other nodes have given this one up: {Reason}. Its sessions end, and it joins anew")]
    public static partial void Lost(ILogger log, string reason);

    [LoggerMessage(6, LogLevel.Warning, "Node {Node} was given up by the others")]
    public static partial void GivenUp(ILogger log, string node);

    [LoggerMessage(7, LogLevel.Error, "The cluster's machinery failed in {Context}")]
    public static partial void Failed(ILogger log, string context, Exception reason);

    [LoggerMessage(8, LogLevel.Error, "Who joins and leaves the cluster cannot be followed any more")]
    public static partial void Blind(ILogger log, Exception reason);
}
