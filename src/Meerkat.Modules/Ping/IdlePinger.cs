using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Hosts;
using Meerkat.Core.Routing;
using Meerkat.Core.Sessions;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Ping;

/// <summary>Pings clients that say nothing (PNG-002, PNG-003). Safe for concurrent use.</summary>
/// <remarks>
/// One timer for all sessions of a host type: it looks at when each said something last, and sleeps until the first of them can be due, so that a stanza costs
/// nothing but a time stamp. Without sessions there is no timer.
/// </remarks>
internal sealed partial class IdlePinger
{
    private static readonly XmlElement s_ping = new XmlBuilder("ping", Ns.Ping).Build();

    private readonly PingOptions _options;
    private readonly HostType _host;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly TimeSpan _leastPause;
    private readonly ILogger _log;
    private int _isArmed;

    public IdlePinger(PingOptions options, HostType host)
    {
        _options = options;
        _host = host;
        _time = host.Server.Time;
        _log = host.Server.Loggers.CreateLogger<IdlePinger>();
        _leastPause = TimeSpan.FromTicks(Math.Clamp(options.PingInterval.Ticks / 60, TimeSpan.TicksPerSecond / 4, 5 * TimeSpan.TicksPerSecond));
        _timer = _time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>There is a session to watch.</summary>
    public void Watch()
    {
        if (Interlocked.Exchange(ref _isArmed, 1) == 0)
        {
            _timer.Change(_options.PingInterval, Timeout.InfiniteTimeSpan);
        }
    }

    private void Look()
    {
        // A session that opens from here on arms the timer itself if there was nobody else.
        Volatile.Write(ref _isArmed, 0);
        TimeSpan? next = null;
        foreach (var session in _host.Server.Sessions.Local)
        {
            if (session.Host != _host)
            {
                continue;
            }

            var left = _options.PingInterval - Quiet(session);
            if (left <= TimeSpan.Zero)
            {
                left = _options.PingInterval;
                if (!session.IsDetached)
                {
                    _ = PingAsync(session);
                }
            }

            next = next is { } known && known < left ? known : left;
        }

        if (next is { } pause && Interlocked.Exchange(ref _isArmed, 1) == 0)
        {
            _timer.Change(pause < _leastPause ? _leastPause : pause, Timeout.InfiniteTimeSpan);
        }
    }

    private TimeSpan Quiet(Session session)
    {
        var said = session.LastReceived;
        var pinged = session.Get(PingState.Key)?.Sent ?? said;
        return _time.GetElapsedTime(Math.Max(said, pinged));
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: it is logged.")]
    private async Task PingAsync(Session session)
    {
        try
        {
            var sent = _time.GetTimestamp();
            session.Set(PingState.Key, new PingState(sent));
            var request = Iq.Create(IqType.Get, session.Jid.Bare.DomainJid, session.Jid, IqTracker.NewId(), s_ping);
            var answer = await _host.Server.Iqs.AskAsync(request, Send, _options.PingReqTimeout, CancellationToken.None);
            if (answer is { Type: IqType.Result })
            {
                PingMetrics.Answered(_time.GetElapsedTime(sent));
            }
            else if (answer is not null || session.LastReceived < sent)
            {
                TimeOut(session);
            }
        }
        catch (Exception failure)
        {
            PingFailed(_log, failure, session.Jid);
        }

        ValueTask Send(Iq iq)
        {
            session.Reply(iq);
            return ValueTask.CompletedTask;
        }
    }

    // PNG-003
    private void TimeOut(Session session)
    {
        PingMetrics.TimedOut();
        if (_options.TimeoutAction is PingTimeoutAction.Kill && !session.HasEnded)
        {
            session.Disconnect();
        }
    }

    [LoggerMessage(LogLevel.Error, "Session {Jid} could not be pinged")]
    private static partial void PingFailed(ILogger logger, Exception failure, Jid jid);
}
