using System.Diagnostics.Metrics;
using Meerkat.Core;

namespace Meerkat.Modules.Muc;

/// <summary>Metrics of <c>mod_muc</c> (OPS-133).</summary>
internal static class MucMetrics
{
    private static readonly UpDownCounter<long> s_online = ServerMetrics.Meter.CreateUpDownCounter<long>("meerkat.muc.rooms.online", "{room}", "Chat rooms in memory.");
    private static readonly UpDownCounter<long> s_hibernated = ServerMetrics.Meter.CreateUpDownCounter<long>("meerkat.muc.rooms.hibernated", "{room}", "Chat rooms in memory that gave back what they could.");
    private static readonly Counter<long> s_hibernations = ServerMetrics.Meter.CreateCounter<long>("meerkat.muc.hibernations", "{room}", "Chat rooms that gave back memory because nobody spoke.");
    private static readonly Counter<long> s_deep = ServerMetrics.Meter.CreateCounter<long>("meerkat.muc.deep_hibernations", "{room}", "Chat rooms that left memory because nobody used them.");
    private static readonly Counter<long> s_restored = ServerMetrics.Meter.CreateCounter<long>("meerkat.muc.process_recreations", "{room}", "Chat rooms that came back from the store.");
    private static readonly Counter<long> s_messages = ServerMetrics.Meter.CreateCounter<long>("meerkat.muc.messages", "{message}", "Messages that chat rooms broadcast.");
    private static readonly Counter<long> s_sent = ServerMetrics.Meter.CreateCounter<long>("meerkat.muc.sent", "{stanza}", "Stanzas that chat rooms sent, one for each recipient.");

    /// <summary>Begins to count: at 0, so that the first event is a change (OPS-100).</summary>
    public static void Begin()
    {
        foreach (var counter in new[] { s_hibernations, s_deep, s_restored, s_messages, s_sent })
        {
            counter.Add(0);
        }

        s_online.Add(0);
        s_hibernated.Add(0);
    }

    public static void Online(int change) => s_online.Add(change);

    public static void Hibernated(int change)
    {
        s_hibernated.Add(change);
        if (change > 0)
        {
            s_hibernations.Add(change);
        }
    }

    public static void DeepHibernated() => s_deep.Add(1);

    public static void Restored() => s_restored.Add(1);

    public static void Broadcast() => s_messages.Add(1);

    public static void Sent() => s_sent.Add(1);
}
