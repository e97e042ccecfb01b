using System.Diagnostics.Metrics;
using Meerkat.Core;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Roster;

/// <summary>Counters of <c>mod_roster</c> (OPS-118).</summary>
internal static class RosterMetrics
{
    private static readonly Counter<long> s_gets = ServerMetrics.Meter.CreateCounter<long>("meerkat.roster.gets", "{request}", "Rosters that clients asked for.");
    private static readonly Counter<long> s_sets = ServerMetrics.Meter.CreateCounter<long>("meerkat.roster.sets", "{request}", "Requests that changed a roster.");
    private static readonly Counter<long> s_pushes = ServerMetrics.Meter.CreateCounter<long>("meerkat.roster.pushes", "{push}", "Roster changes sent to clients, one for each client.");

    private static readonly Counter<long> s_subscriptions = ServerMetrics.Meter.CreateCounter<long>("meerkat.roster.subscriptions", "{change}", "Subscriptions that accounts granted and took back, by change: subscribed, unsubscribed (OPS-108).");

    /// <summary>Begins to count: at 0, so that the first event is a change (OPS-100).</summary>
    public static void Begin()
    {
        foreach (var counter in new[] { s_gets, s_sets, s_pushes })
        {
            counter.Add(0);
        }

        s_subscriptions.Add(0, new KeyValuePair<string, object?>("change", "subscribed"));
        s_subscriptions.Add(0, new KeyValuePair<string, object?>("change", "unsubscribed"));
    }

    public static void Answered(PresenceType type)
    {
        if (type is PresenceType.Subscribed or PresenceType.Unsubscribed)
        {
            s_subscriptions.Add(1, new KeyValuePair<string, object?>("change", type is PresenceType.Subscribed ? "subscribed" : "unsubscribed"));
        }
    }

    public static void Got() => s_gets.Add(1);

    public static void Set() => s_sets.Add(1);

    public static void Pushed(int clients) => s_pushes.Add(clients);
}
