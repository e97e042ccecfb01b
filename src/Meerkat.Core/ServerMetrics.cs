using System.Diagnostics;
using System.Diagnostics.Metrics;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;

namespace Meerkat.Core;

/// <summary>The server's own counters, by <see cref="System.Diagnostics.Metrics"/>: an exporter or a test listens to the meter <see cref="Name"/>.</summary>
public static class ServerMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "Meerkat";

    /// <summary>The meter on which modules make their instruments too.</summary>
    public static readonly Meter Meter = new(Name, "1.0");

    private static readonly Counter<long> s_received = Meter.CreateCounter<long>("meerkat.stanzas.received", "{stanza}", "Stanzas received from clients, by kind.");
    private static readonly Counter<long> s_sent = Meter.CreateCounter<long>("meerkat.stanzas.sent", "{stanza}", "Stanzas written to clients, by kind.");
    private static readonly Counter<long> s_errors = Meter.CreateCounter<long>("meerkat.stanzas.errors", "{stanza}", "Stanzas of type error, by kind and direction: in from clients, out to them.");
    private static readonly Counter<long> s_delivered = Meter.CreateCounter<long>("meerkat.messages.delivered", "{message}", "Messages handed to sessions.");
    private static readonly Counter<long> s_bounced = Meter.CreateCounter<long>("meerkat.messages.bounced", "{message}", "Messages that nobody could take and that were answered with an error (CORE-154).");
    private static readonly Counter<long> s_noRoute = Meter.CreateCounter<long>("meerkat.router.no_route", "{stanza}", "Stanzas to a domain that is neither served here nor reachable (CORE-138).");
    private static readonly Counter<long> s_dropped = Meter.CreateCounter<long>("meerkat.router.dropped", "{stanza}", "Stanzas that a filter did not let pass (CORE-139).");
    private static readonly Counter<long> s_authentications = Meter.CreateCounter<long>("meerkat.authentications", "{attempt}", "Log-ins, by mechanism and outcome.");
    private static readonly Histogram<double> s_processing = Meter.CreateHistogram<double>("meerkat.messages.duration", "s", "Handling messages of clients, from their arrival until they are processed: archives that are written behind do not count (OPS-109).");
    private static readonly Counter<long> s_failed = Meter.CreateCounter<long>("meerkat.stanzas.failed", "{stanza}", "Stanzas of clients that were not processed, through a mistake of the server or because a store was away, by kind and reason: error, storage.");
    private static readonly Counter<long> s_streamErrors = Meter.CreateCounter<long>("meerkat.stream_errors", "{error}", "Stream errors sent, by condition.");

    private static readonly KeyValuePair<string, object?> s_message = new("kind", "message");
    private static readonly KeyValuePair<string, object?> s_presence = new("kind", "presence");
    private static readonly KeyValuePair<string, object?> s_iq = new("kind", "iq");

    static ServerMetrics() => Meter.CreateObservableGauge("meerkat.uptime", () => (TimeProvider.System.GetUtcNow() - Process.GetCurrentProcess().StartTime).TotalSeconds, "s", "How long the process has run.");

    /// <summary>Begins to count: at 0, so that the first event is a change (OPS-100).</summary>
    internal static void Begin()
    {
        foreach (var kind in new[] { s_message, s_presence, s_iq })
        {
            s_received.Add(0, kind);
            s_sent.Add(0, kind);
            s_errors.Add(0, kind, new("direction", "in"));
            s_errors.Add(0, kind, new("direction", "out"));
            s_failed.Add(0, kind, new("reason", "error"));
            s_failed.Add(0, kind, new("reason", "storage"));
        }

        foreach (var counter in new[] { s_delivered, s_bounced, s_noRoute, s_dropped })
        {
            counter.Add(0);
        }

        foreach (var condition in StreamError.Conditions)
        {
            s_streamErrors.Add(0, new KeyValuePair<string, object?>("condition", condition));
        }
    }

    /// <summary>Begins to count log-ins by mechanisms that are offered: at 0, so that the first event is a change (OPS-100).</summary>
    internal static void Offers(IEnumerable<string> mechanisms)
    {
        foreach (var mechanism in mechanisms)
        {
            s_authentications.Add(0, new("mechanism", mechanism), new("outcome", "success"));
            s_authentications.Add(0, new("mechanism", mechanism), new("outcome", "failure"));
        }
    }

    internal static void StanzaReceived(string kind)
    {
        if (s_received.Enabled)
        {
            s_received.Add(1, kind == "message" ? s_message : kind == "presence" ? s_presence : s_iq);
        }
    }

    /// <summary>Stanzas were written to a client: of each kind so many.</summary>
    internal static void StanzasSent(ref SentStanzas sent)
    {
        if (sent.Messages > 0)
        {
            s_sent.Add(sent.Messages, s_message);
        }

        if (sent.Presences > 0)
        {
            s_sent.Add(sent.Presences, s_presence);
        }

        if (sent.Iqs > 0)
        {
            s_sent.Add(sent.Iqs, s_iq);
        }

        sent = default;
    }

    internal static void ErrorPassed(string kind, string direction) => s_errors.Add(1, new("kind", kind), new("direction", direction));

    /// <summary>When the handling of a stanza began; 0 where it is not timed.</summary>
    internal static long Begin(string kind) => s_processing.Enabled && kind == "message" ? Stopwatch.GetTimestamp() : 0;

    internal static void Processed(long began)
    {
        if (began != 0)
        {
            s_processing.Record(Stopwatch.GetElapsedTime(began).TotalSeconds);
        }
    }

    internal static void StanzaFailed(string kind, bool isStorage) => s_failed.Add(1, new("kind", kind), new("reason", isStorage ? "storage" : "error"));

    internal static void MessageDelivered() => s_delivered.Add(1);

    internal static void MessageBounced() => s_bounced.Add(1);

    internal static void NoRoute() => s_noRoute.Add(1);

    internal static void StanzaDropped() => s_dropped.Add(1);

    internal static void Authenticated(string mechanism, bool succeeded) =>
        s_authentications.Add(1, new("mechanism", mechanism), new("outcome", succeeded ? "success" : "failure"));

    internal static void StreamErrorSent(string condition) => s_streamErrors.Add(1, new KeyValuePair<string, object?>("condition", condition));
}
