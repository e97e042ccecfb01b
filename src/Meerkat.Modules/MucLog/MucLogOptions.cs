using Meerkat.Core.Configuration;

namespace Meerkat.Modules.MucLog;

/// <summary>Options of <c>mod_muc_log</c>: a <c>[modules.mod_muc_log]</c> table (CONF-249).</summary>
public sealed record MucLogOptions
{
    /// <summary><c>outdir</c>: the folder that the logs are written below. Default <c>www/muc</c>.</summary>
    [NonEmpty]
    public string Outdir { get; init; } = "www/muc";

    /// <summary><c>url</c>: the address at which a web server shows that folder: rooms that are logged tell where their logs are (XEP-0045 §6.4). Ours. Default none.</summary>
    [Url]
    public string? Url { get; init; }

    /// <summary><c>access_log</c>: rule: which owners may have their room logged. Default <c>muc_admin</c>.</summary>
    [NonEmpty]
    public string AccessLog { get; init; } = "muc_admin";

    /// <summary><c>dirtype</c>: a folder a month, or all files of a room in one. Default <c>subdirs</c>.</summary>
    public MucLogDirType Dirtype { get; init; } = MucLogDirType.Subdirs;

    /// <summary><c>dirname</c>: how a room's folder is named. Default <c>room_jid</c>.</summary>
    public MucLogDirName Dirname { get; init; } = MucLogDirName.RoomJid;

    /// <summary><c>file_format</c>. Default <c>html</c>.</summary>
    public MucLogFormat FileFormat { get; init; } = MucLogFormat.Html;

    /// <summary><c>css_file</c>: address of a style sheet that pages use instead of their own; null for their own.</summary>
    [NonEmpty]
    public string? CssFile { get; init; }

    /// <summary><c>timezone</c>: of the days and times in the logs. Default <c>local</c>.</summary>
    public MucLogTimezone Timezone { get; init; } = MucLogTimezone.Local;

    /// <summary><c>top_link</c>: the link at the top of a page.</summary>
    public MucLogTopLink TopLink { get; init; } = new();

    /// <summary><c>spam_prevention</c>: links in messages are marked so that search engines do not follow them. Default true.</summary>
    public bool SpamPrevention { get; init; } = true;
}

/// <summary>The link at the top of a page: the <c>top_link</c> table.</summary>
public sealed record MucLogTopLink
{
    /// <summary><c>target</c>. Default <c>/</c>.</summary>
    [NonEmpty]
    public string Target { get; init; } = "/";

    /// <summary><c>text</c>. Default <c>Home</c>.</summary>
    [NonEmpty]
    public string Text { get; init; } = "Home";
}

/// <summary>How the files of a room are spread over folders.</summary>
public enum MucLogDirType
{
    /// <summary><c>ROOM/YYYY/MM/DD.html</c>.</summary>
    Subdirs,

    /// <summary><c>ROOM/YYYY-MM-DD.html</c>.</summary>
    Plain,
}

/// <summary>How a room's folder is named.</summary>
public enum MucLogDirName
{
    /// <summary>By its address.</summary>
    RoomJid,

    /// <summary>By its localpart.</summary>
    RoomName,
}

/// <summary>What the files are.</summary>
public enum MucLogFormat
{
    /// <summary>Web pages.</summary>
    Html,

    /// <summary>Plain text.</summary>
    Plaintext,
}

/// <summary>Whose days and times.</summary>
public enum MucLogTimezone
{
    /// <summary>The machine's.</summary>
    Local,

    /// <summary>UTC.</summary>
    Universal,
}
