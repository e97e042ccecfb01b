using System.Diagnostics.Metrics;
using Meerkat.Core;

namespace Meerkat.Modules.Privacy;

/// <summary>Counters of <c>mod_privacy</c> (OPS-119). What accounts without lists send and get is not looked at, and not counted.</summary>
internal static class PrivacyMetrics
{
    private static readonly Counter<long> s_requests = ServerMetrics.Meter.CreateCounter<long>("meerkat.privacy.requests", "{request}", "Requests about privacy lists, by operation: get, set, active, default.");
    private static readonly Counter<long> s_pushes = ServerMetrics.Meter.CreateCounter<long>("meerkat.privacy.pushes", "{push}", "Changes of privacy lists told to clients, one for each client.");
    private static readonly Counter<long> s_checks = ServerMetrics.Meter.CreateCounter<long>("meerkat.privacy.checks", "{stanza}", "Stanzas that a privacy list was asked about, by outcome: allow, deny, block.");

    private static readonly KeyValuePair<string, object?> s_allowed = new("outcome", "allow");
    private static readonly KeyValuePair<string, object?> s_denied = new("outcome", "deny");
    private static readonly KeyValuePair<string, object?> s_blocked = new("outcome", "block");

    /// <summary>Begins to count: at 0, so that the first event is a change (OPS-100).</summary>
    public static void Begin()
    {
        s_pushes.Add(0);
        foreach (var operation in new[] { "get", "set", "active", "default" })
        {
            s_requests.Add(0, new KeyValuePair<string, object?>("operation", operation));
        }

        s_checks.Add(0, s_allowed);
        s_checks.Add(0, s_denied);
        s_checks.Add(0, s_blocked);
    }

    public static void Asked(string operation) => s_requests.Add(1, new KeyValuePair<string, object?>("operation", operation));

    public static void Pushed() => s_pushes.Add(1);

    public static PrivacyAction Checked(PrivacyAction outcome)
    {
        s_checks.Add(1, outcome is PrivacyAction.Allow ? s_allowed : outcome is PrivacyAction.Block ? s_blocked : s_denied);
        return outcome;
    }
}
