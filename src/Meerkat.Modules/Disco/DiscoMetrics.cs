using System.Diagnostics.Metrics;
using Meerkat.Core;

namespace Meerkat.Modules.Disco;

/// <summary>Counters of <c>mod_disco</c> (OPS-122).</summary>
internal static class DiscoMetrics
{
    private static readonly Counter<long> s_accounts = ServerMetrics.Meter.CreateCounter<long>("meerkat.disco.account_items", "{request}", "Requests for the resources of an account, which the roster decides about.");

    /// <summary>Begins to count: at 0, so that the first event is a change (OPS-100).</summary>
    public static void Begin()
    {
        s_accounts.Add(0);
    }

    public static void AskedAccount() => s_accounts.Add(1);
}
