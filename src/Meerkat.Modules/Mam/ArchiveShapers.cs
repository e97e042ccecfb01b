using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Meerkat.Core.Hosts;
using Meerkat.Core.Shaping;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Mam;

/// <summary>Keeps requests to archives to the rates that access rules give (MAM-045, CORE-256).</summary>
/// <remarks>
/// A rule <c>&lt;action&gt;_shaper</c> names the shaper of each requester's own requests to this host type, <c>&lt;action&gt;_global_shaper</c> that of everybody's together on the server: operations a
/// second. A requester whom a rule denies, or for whom there is none, has no shaper. Safe for concurrent use.
/// </remarks>
internal sealed class ArchiveShapers(HostType host, ILogger log)
{
    /// <summary>The longest that a request waits; one that would have to wait longer is refused.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    // A debt of that patience is paid, and the bucket full again, a good while before: forgetting it then changes nothing.
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(10);

    private const int FewRequesters = 1000;

    private static readonly ConditionalWeakTable<ServerContext, ConcurrentDictionary<(string, string), TokenBucket>> s_together = [];

    private readonly ConcurrentDictionary<(string Rule, BareJid Requester, string Shaper), Own> _own = new();
    private readonly ConcurrentDictionary<string, bool> _unknown = new(StringComparer.Ordinal);
    private int _sweepAt = FewRequesters;

    /// <summary>How many requesters are remembered.</summary>
    public int Count => _own.Count;

    /// <summary>Counts a request.</summary>
    /// <param name="action">The action with its prefix, as rules about permissions name it: <c>mam_lookup_messages</c>.</param>
    /// <param name="requester">Who asks.</param>
    /// <param name="domain">The domain of the archive.</param>
    /// <param name="wait">How long the request is to wait.</param>
    /// <returns>False when it would have to wait too long; it is not counted then.</returns>
    public bool TryTake(string action, Jid requester, string domain, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        var own = OwnOf($"{action}_shaper", requester, domain);
        if (own is not null && !own.TryTake(1, Patience, out wait))
        {
            return false;
        }

        if (TogetherOf($"{action}_global_shaper", requester, domain) is not { } together)
        {
            return true;
        }

        if (!together.TryTake(1, Patience, out var among))
        {
            return false;
        }

        wait = wait > among ? wait : among;
        return true;
    }

    private TokenBucket? OwnOf(string rule, Jid requester, string domain)
    {
        if (RateOf(rule, requester, domain) is not var (shaper, rate))
        {
            return null;
        }

        var own = _own.GetOrAdd((rule, requester.Bare, shaper), static (_, made) => new Own(new TokenBucket(made.Rate, made.Time)), (Rate: rate, host.Server.Time));
        own.Used = host.Server.Time.GetTimestamp();
        if (_own.Count > Volatile.Read(ref _sweepAt))
        {
            Sweep();
        }

        return own.Bucket;
    }

    private TokenBucket? TogetherOf(string rule, Jid requester, string domain) =>
        RateOf(rule, requester, domain) is not var (shaper, rate) ? null
            : s_together.GetValue(host.Server, static _ => new()).GetOrAdd((rule, shaper), static (_, made) => new TokenBucket(made.Rate, made.Time), (Rate: rate, host.Server.Time));

    private (string Shaper, int Rate)? RateOf(string rule, Jid requester, string domain)
    {
        if (host.Access.ShaperName(rule, domain, requester.Local, requester.Domain, requester.Resource) is not { } name)
        {
            return null;
        }

        if (host.Server.Shapers.TryGetValue(name, out var shaper))
        {
            return (name, shaper.MaxRate);
        }

        if (_unknown.TryAdd(rule, true))
        {
            MamLog.UnknownShaper(log, rule, name);
        }

        return null;
    }

    private void Sweep()
    {
        var time = host.Server.Time;
        foreach (var (key, own) in _own)
        {
            if (time.GetElapsedTime(own.Used) > s_idle)
            {
                _own.TryRemove(key, out _);
            }
        }

        Volatile.Write(ref _sweepAt, Math.Max(FewRequesters, _own.Count * 2));
    }

    private sealed class Own(TokenBucket bucket)
    {
        public TokenBucket Bucket => bucket;

        public long Used { get; set; }
    }
}
