using System.Diagnostics.Metrics;
using Meerkat.Core;

namespace Meerkat.Modules.HttpUpload;

/// <summary>What uploads do.</summary>
internal static class UploadMetrics
{
    private static readonly Counter<long> s_slots = ServerMetrics.Meter.CreateCounter<long>("meerkat.upload.slots", "{slot}", "Upload slots given.");
    private static readonly Counter<long> s_refused = ServerMetrics.Meter.CreateCounter<long>("meerkat.upload.refused", "{slot}", "Upload slots refused, by reason.");
    private static readonly Counter<long> s_stored = ServerMetrics.Meter.CreateCounter<long>("meerkat.upload.stored", "By", "Bytes of files stored on disk.");
    private static readonly Counter<long> s_served = ServerMetrics.Meter.CreateCounter<long>("meerkat.upload.served", "By", "Bytes of files given from disk.");
    private static readonly Counter<long> s_expired = ServerMetrics.Meter.CreateCounter<long>("meerkat.upload.expired", "{file}", "Files removed because of their age.");

    /// <summary>Begins to count: at 0, so that the first event is a change (OPS-100).</summary>
    public static void Begin()
    {
        foreach (var counter in new[] { s_slots, s_stored, s_served, s_expired })
        {
            counter.Add(0);
        }

        foreach (var reason in new[] { "forbidden", "bad-request", "file-too-large", "quota" })
        {
            s_refused.Add(0, new KeyValuePair<string, object?>("reason", reason));
        }
    }

    public static void Slot() => s_slots.Add(1);

    public static void Refused(string reason) => s_refused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public static void Stored(long bytes) => s_stored.Add(bytes);

    public static void Served(long bytes) => s_served.Add(bytes);

    public static void Expired(int files) => s_expired.Add(files);
}
