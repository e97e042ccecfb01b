using System.Diagnostics.Metrics;
using Meerkat.Core;

namespace Meerkat.Modules.MucLight;

/// <summary>Counters of <c>mod_muc_light</c>.</summary>
internal static class MucLightMetrics
{
    private static readonly Counter<long> s_created = ServerMetrics.Meter.CreateCounter<long>("meerkat.muclight.rooms.created", "{room}", "Light rooms created.");
    private static readonly Counter<long> s_destroyed = ServerMetrics.Meter.CreateCounter<long>("meerkat.muclight.rooms.destroyed", "{room}", "Light rooms destroyed or left by the last occupant.");
    private static readonly Counter<long> s_configured = ServerMetrics.Meter.CreateCounter<long>("meerkat.muclight.configurations", "{change}", "Changed configurations of light rooms.");
    private static readonly Counter<long> s_affiliated = ServerMetrics.Meter.CreateCounter<long>("meerkat.muclight.affiliations", "{change}", "Changed affiliations in light rooms, one for each occupant.");
    private static readonly Counter<long> s_messages = ServerMetrics.Meter.CreateCounter<long>("meerkat.muclight.messages", "{message}", "Messages that light rooms broadcast.");
    private static readonly Counter<long> s_copies = ServerMetrics.Meter.CreateCounter<long>("meerkat.muclight.copies", "{message}", "Copies of them, one for each occupant.");

    /// <summary>Begins to count: at 0, so that the first event is a change (OPS-100).</summary>
    public static void Begin()
    {
        foreach (var counter in new[] { s_created, s_destroyed, s_configured, s_affiliated, s_messages, s_copies })
        {
            counter.Add(0);
        }
    }

    public static void Created() => s_created.Add(1);

    public static void Destroyed() => s_destroyed.Add(1);

    public static void Configured() => s_configured.Add(1);

    public static void Affiliated(int changes) => s_affiliated.Add(changes);

    public static void Said(int occupants)
    {
        s_messages.Add(1);
        s_copies.Add(occupants);
    }
}
