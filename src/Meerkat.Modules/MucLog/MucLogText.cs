using System.Globalization;
using Meerkat.Modules.Muc;

namespace Meerkat.Modules.MucLog;

/// <summary>What happened, in words. Pure.</summary>
internal static class MucLogText
{
    /// <summary>A line of a plain file.</summary>
    public static string Plain(RoomEvent happened, DateTimeOffset now)
    {
        var time = now.ToString("[HH:mm:ss]", CultureInfo.InvariantCulture);
        var text = happened is { Kind: RoomEventKind.Text, Nick.Length: > 0 }
            ? happened.Text.StartsWith("/me ", StringComparison.Ordinal) ? $"{happened.Nick} {happened.Text[4..]}" : $"<{happened.Nick}> {happened.Text}"
            : "*** " + Say(happened);
        return $"{time} {text.ReplaceLineEndings("\n    ")}\n";
    }

    /// <summary>An event that is no message, as a sentence.</summary>
    public static string Say(RoomEvent happened) => happened.Kind switch
    {
        RoomEventKind.Created => "The chat room is created",
        RoomEventKind.Started => "The chat room is started",
        RoomEventKind.Stopped => "The chat room is stopped",
        RoomEventKind.Destroyed => "The chat room is destroyed" + Because(happened),
        RoomEventKind.Joined => $"{happened.Nick} enters the room",
        RoomEventKind.Left => $"{happened.Nick} leaves the room" + Because(happened),
        RoomEventKind.Removed => $"{happened.Nick} {Removal(happened.Code)}" + Because(happened),
        RoomEventKind.Renamed => $"{happened.Nick} is now known as {happened.Text}",
        RoomEventKind.Subject => happened.Nick.Length > 0 ? $"{happened.Nick} has set the subject to: {happened.Text}" : $"The subject is: {happened.Text}",
        RoomEventKind.Text => $"The room says: {happened.Text}", // a service administrator who is no occupant, or the service
        RoomEventKind.Configured => "The configuration of the room has changed",
        _ => happened.Text,
    };

    private static string Removal(int code) => code switch
    {
        301 => "has been banned",
        307 => "has been kicked",
        321 => "has been removed because of a change of affiliation",
        322 => "has been removed because the room is for members only now",
        332 => "has been removed because the server stops",
        _ => "has been removed",
    };

    private static string Because(RoomEvent happened) => happened.Text.Length > 0 ? $": {happened.Text}" : "";
}
