using System.Diagnostics.Metrics;

namespace Meerkat.Core;

/// <summary>The server's own counters, by <see cref="System.Diagnostics.Metrics"/>: an exporter or a test listens to the meter <see cref="Name"/>.</summary>
public static class ServerMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "Meerkat";

    /// <summary>The meter on which modules make their instruments too.</summary>
    public static readonly Meter Meter = new(Name, "1.0");

    private static readonly Counter<long> s_received = Meter.CreateCounter<long>("meerkat.stanzas.received", "{stanza}", "Stanzas received from clients.");
    private static readonly Counter<long> s_sent = Meter.CreateCounter<long>("meerkat.stanzas.sent", "{stanza}", "Stanzas written to clients.");
    private static readonly Counter<long> s_delivered = Meter.CreateCounter<long>("meerkat.messages.delivered", "{message}", "Messages handed to sessions.");
    private static readonly Counter<long> s_bounced = Meter.CreateCounter<long>("meerkat.messages.bounced", "{message}", "Messages that nobody could take and that were answered with an error (CORE-154).");
    private static readonly Counter<long> s_noRoute = Meter.CreateCounter<long>("meerkat.router.no_route", "{stanza}", "Stanzas to a domain that is neither served here nor reachable (CORE-138).");
    private static readonly Counter<long> s_dropped = Meter.CreateCounter<long>("meerkat.router.dropped", "{stanza}", "Stanzas that a filter did not let pass (CORE-139).");
    private static readonly Counter<long> s_authentications = Meter.CreateCounter<long>("meerkat.authentications", "{attempt}", "Log-ins, by mechanism and outcome.");
    private static readonly Counter<long> s_streamErrors = Meter.CreateCounter<long>("meerkat.stream_errors", "{error}", "Stream errors sent, by condition.");

    private static readonly KeyValuePair<string, object?> s_message = new("kind", "message");
    private static readonly KeyValuePair<string, object?> s_presence = new("kind", "presence");
    private static readonly KeyValuePair<string, object?> s_iq = new("kind", "iq");

    internal static void StanzaReceived(string kind)
    {
        if (s_received.Enabled)
        {
            s_received.Add(1, kind == "message" ? s_message : kind == "presence" ? s_presence : s_iq);
        }
    }

    internal static void StanzasSent(int count) => s_sent.Add(count);

    internal static void MessageDelivered() => s_delivered.Add(1);

    internal static void MessageBounced() => s_bounced.Add(1);

    internal static void NoRoute() => s_noRoute.Add(1);

    internal static void StanzaDropped() => s_dropped.Add(1);

    internal static void Authenticated(string mechanism, bool succeeded) =>
        s_authentications.Add(1, new("mechanism", mechanism), new("outcome", succeeded ? "success" : "failure"));

    internal static void StreamErrorSent(string condition) => s_streamErrors.Add(1, new KeyValuePair<string, object?>("condition", condition));
}
