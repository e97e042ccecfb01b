using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Modules.Muc;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.MucLog;

/// <summary>Writes what happens in rooms whose owners want it into files, one a room and day (MUC-110).</summary>
[Module("mod_muc_log", Options = typeof(MucLogOptions)), Needs("mod_muc")]
internal sealed class MucLogModule : IModule
{
    private readonly MucLogOptions _options;
    private readonly RoomHost _rooms;
    private readonly TimeProvider _time;
    private readonly MucLogWriter _writer;

    public MucLogModule(MucLogOptions options, RoomHost rooms, HostType host, TimeProvider time, ILogger log)
    {
        _options = options;
        _rooms = rooms;
        _time = time;
        _writer = new MucLogWriter(log);
        rooms.Observer = Observe;
        rooms.LogsOf = room => options.Url is { } url ? MucLogPath.UrlOf(options, url, room) : null;
        rooms.MayLog = (user, domain) => host.Access.IsAllowed(options.AccessLog, domain, user);
    }

    /// <inheritdoc/>
    public void Register(IModuleRegistry on) => on.Stopping(() => new ValueTask(_writer.FlushAsync()));

    /// <summary>Waits until all that was logged is in its files.</summary>
    internal Task FlushAsync() => _writer.FlushAsync();

    private void Observe(RoomState before, RoomState room, IReadOnlyList<RoomEvent> events)
    {
        if (!room.Configuration.Logging && !before.Configuration.Logging)
        {
            return;
        }

        var now = _options.Timezone is MucLogTimezone.Universal ? _time.GetUtcNow() : _time.GetLocalNow();
        var file = MucLogPath.Of(_options, room.Jid, now);
        MucLogPage? page = _options.FileFormat is MucLogFormat.Html ? new MucLogPage(_options, room, now) : null;
        foreach (var happened in events)
        {
            var line = page is null ? MucLogText.Plain(happened, now) : page.Line(happened);
            _writer.Write(file, page is null ? "" : page.Head(), line);
        }
    }
}
