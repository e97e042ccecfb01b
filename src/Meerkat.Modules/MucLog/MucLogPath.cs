using System.Globalization;
using System.Text;
using Meerkat.Xmpp;

namespace Meerkat.Modules.MucLog;

/// <summary>Where a room's file of a day is. Pure.</summary>
internal static class MucLogPath
{
    public static string Of(MucLogOptions options, BareJid room, DateTimeOffset day) =>
        Path.Combine(options.Outdir, Folder(options, room), Relative(options, day));

    /// <summary>The address of a room's folder.</summary>
    /// <param name="options">The options.</param>
    /// <param name="url">That of the folder above.</param>
    /// <param name="room">The room.</param>
    public static string UrlOf(MucLogOptions options, string url, BareJid room) => $"{url.TrimEnd('/')}/{Uri.EscapeDataString(Folder(options, room))}/";

    /// <summary>The address of another day's file, as a page of one day links to it.</summary>
    public static string Link(MucLogOptions options, DateTimeOffset from, DateTimeOffset to) =>
        (options.Dirtype is MucLogDirType.Plain ? "" : from.Month == to.Month ? "" : from.Year == to.Year ? "../" : "../../")
        + (options.Dirtype is MucLogDirType.Plain ? Relative(options, to)
            : from.Month == to.Month ? to.ToString("dd", CultureInfo.InvariantCulture) + Extension(options)
            : from.Year == to.Year ? to.ToString("MM'/'dd", CultureInfo.InvariantCulture) + Extension(options)
            : Relative(options, to));

    private static string Folder(MucLogOptions options, BareJid room) => Safe(options.Dirname is MucLogDirName.RoomJid ? room.ToString() : room.Local ?? "");

    private static string Relative(MucLogOptions options, DateTimeOffset day) =>
        day.ToString(options.Dirtype is MucLogDirType.Subdirs ? "yyyy'/'MM'/'dd" : "yyyy-MM-dd", CultureInfo.InvariantCulture) + Extension(options);

    private static string Extension(MucLogOptions options) => options.FileFormat is MucLogFormat.Html ? ".html" : ".txt";

    // A room is named by its users: nothing in a name may lead out of its folder.
    private static string Safe(string name)
    {
        var safe = new StringBuilder();
        foreach (var rune in name.EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || rune.Value is '@' or '-' or '_' || (rune.Value is '.' && safe.Length > 0))
            {
                safe.Append(rune.ToString());
            }
            else
            {
                safe.Append(CultureInfo.InvariantCulture, $"%{rune.Value:X2}");
            }
        }

        return safe.Length == 0 ? "%" : safe.ToString();
    }
}
