using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Meerkat.Core;

namespace Meerkat.Connections;

/// <summary>What passes over the connections of one kind: bytes as the stream has them, before TLS (OPS-115, OPS-116). Safe for concurrent use.</summary>
internal sealed class NetworkTraffic
{
    private static readonly ConcurrentDictionary<string, NetworkTraffic> s_all = new(StringComparer.Ordinal);

    private readonly string _kind;
    private long _received;
    private long _sent;
    private long _open;

    static NetworkTraffic()
    {
        ServerMetrics.Meter.CreateObservableCounter("meerkat.network.received", () => Read(traffic => ref traffic._received), "By", "Bytes received from clients, without TLS's own, by transport: tcp, tls, websocket. For BOSH there is bosh_data_received.");
        ServerMetrics.Meter.CreateObservableCounter("meerkat.network.sent", () => Read(traffic => ref traffic._sent), "By", "Bytes sent to clients, without TLS's own, by transport.");
        ServerMetrics.Meter.CreateObservableUpDownCounter("meerkat.connections", () => Read(traffic => ref traffic._open), "{connection}", "Connections of clients that are open, by transport.");
    }

    private NetworkTraffic(string kind) => _kind = kind;

    private delegate ref long Field(NetworkTraffic traffic);

    /// <summary>What is counted for connections of that kind.</summary>
    public static NetworkTraffic Of(string kind) => s_all.GetOrAdd(kind, static kind => new NetworkTraffic(kind));

    public void Received(long bytes) => Interlocked.Add(ref _received, bytes);

    public void Sent(long bytes) => Interlocked.Add(ref _sent, bytes);

    public void Opened() => Interlocked.Increment(ref _open);

    public void Closed() => Interlocked.Decrement(ref _open);

    private static IEnumerable<Measurement<long>> Read(Field field) => s_all.Values.Select(traffic => new Measurement<long>(Interlocked.Read(ref field(traffic)), new KeyValuePair<string, object?>("transport", traffic._kind)));
}
