using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.LastActivity;

/// <summary>Notes from time to time who is there, so that after a crash their last activity is some minutes off at most and not that of the time before (LST-004). Safe for concurrent use.</summary>
/// <remarks>A clean end of a session is noted when it happens, and costs no sweep. Without sessions there is no timer.</remarks>
internal sealed class ActivitySweep
{
    /// <summary>How long nobody is noted: what a crash may cost.</summary>
    internal static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    // One transaction each, so that others get at the store in between.
    private const int Batch = 500;

    private readonly ILastActivityStore _store;
    private readonly HostType _host;
    private readonly ILogger _log;
    private readonly Func<Session, bool> _isThere;
    private readonly ITimer _timer;
    private int _isArmed;

    /// <param name="store">The store.</param>
    /// <param name="host">The host type whose sessions are noted.</param>
    /// <param name="log">Gets failures.</param>
    /// <param name="isThere">Whether a session counts: one that said it is unavailable has been noted already, with its status.</param>
    public ActivitySweep(ILastActivityStore store, HostType host, ILogger log, Func<Session, bool> isThere)
    {
        _store = store;
        _host = host;
        _log = log;
        _isThere = isThere;
        _timer = host.Server.Time.CreateTimer(_ => _ = SweepAsync(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Somebody came.</summary>
    public void Arm()
    {
        if (Volatile.Read(ref _isArmed) == 0 && Interlocked.Exchange(ref _isArmed, 1) == 0)
        {
            _timer.Change(Interval, Timeout.InfiniteTimeSpan);
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of a timer's work: it is logged, and the next sweep tries again.")]
    private async Task SweepAsync()
    {
        // Who opens from here on arms the timer again.
        Volatile.Write(ref _isArmed, 0);
        BareJid[] there = [.. _host.Server.Sessions.Local.Where(session => session.Host == _host && _isThere(session)).Select(session => session.Jid.Bare).Distinct()];
        try
        {
            foreach (var batch in there.Chunk(Batch))
            {
                await _store.NoteAsync(batch, _host.Server.Time.GetUtcNow(), CancellationToken.None);
            }
        }
        catch (Exception failure)
        {
            LastActivityLog.NotSwept(_log, failure, _host.Name);
        }

        if (there.Length > 0)
        {
            Arm();
        }
    }
}
