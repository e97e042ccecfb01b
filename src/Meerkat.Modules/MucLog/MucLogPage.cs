using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Meerkat.Modules.Muc;

namespace Meerkat.Modules.MucLog;

/// <summary>A room's page of a day. What users wrote is escaped.</summary>
internal sealed partial class MucLogPage(MucLogOptions options, RoomState room, DateTimeOffset now)
{
    private const string Style = "<style>body{font-family:sans-serif}.ts{color:#888;text-decoration:none}.nick{color:#06c}.event{color:#090}.gone{color:#a00}</style>";

    /// <summary>What a new page begins with.</summary>
    public string Head()
    {
        var title = Escape(room.Configuration.Title is { Length: > 0 } given ? given : room.Jid.ToString());
        var day = now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var style = options.CssFile is { } css ? $"<link rel=\"stylesheet\" href=\"{Escape(css)}\">" : Style;
        var occupants = string.Concat(room.Occupants.Values.OrderBy(occupant => occupant.Nick, StringComparer.Ordinal).Select(occupant => $"<li>{Escape(occupant.Nick)} ({occupant.Role.Word()})</li>"));
        return $"""
            <!DOCTYPE html>
            <html><head><meta charset="utf-8"><title>{title} - {day}</title>{style}</head><body>
            <p><a href="{Escape(options.TopLink.Target)}">{Escape(options.TopLink.Text)}</a></p>
            <h1>{title}</h1><p><a href="xmpp:{Escape(room.Jid.ToString())}?join">{Escape(room.Jid.ToString())}</a></p>
            <h2><a href="{MucLogPath.Link(options, now, now.AddDays(-1))}">&lt;</a> {day} <a href="{MucLogPath.Link(options, now, now.AddDays(1))}">&gt;</a></h2>
            <p class="subject">{Escape(room.Subject.Text)}</p><ul class="occupants">{occupants}</ul>

            """;
    }

    /// <summary>A line of the page.</summary>
    public string Line(RoomEvent happened)
    {
        var time = now.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        var anchor = now.ToString("HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
        var text = happened.Kind switch
        {
            RoomEventKind.Text when happened.Nick.Length == 0 => $"<span class=\"event\">{Linked(MucLogText.Say(happened))}</span>",
            RoomEventKind.Text when happened.Text.StartsWith("/me ", StringComparison.Ordinal) => $"<span class=\"nick\">{Escape(happened.Nick)} {Linked(happened.Text[4..])}</span>",
            RoomEventKind.Text => $"<span class=\"nick\">&lt;{Escape(happened.Nick)}&gt;</span> {Linked(happened.Text)}",
            RoomEventKind.Left or RoomEventKind.Removed or RoomEventKind.Destroyed or RoomEventKind.Stopped => $"<span class=\"gone\">{Escape(MucLogText.Say(happened))}</span>",
            _ => $"<span class=\"event\">{Linked(MucLogText.Say(happened))}</span>",
        };
        return $"<a id=\"{anchor}\" class=\"ts\" href=\"#{anchor}\">[{time}]</a> {text}<br>\n";
    }

    private string Linked(string text)
    {
        var rel = options.SpamPrevention ? " rel=\"nofollow\"" : "";
        return Url().Replace(Escape(text), link => $"<a href=\"{link.Value}\"{rel}>{link.Value}</a>").ReplaceLineEndings("<br>");
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(text);

    [GeneratedRegex(@"\b(https?|ftp|xmpp):[^\s<>""']+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Url();
}
