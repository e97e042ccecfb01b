using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Muc;

internal static partial class MucLog
{
    [LoggerMessage(Level = LogLevel.Error, Message = "room {Room}: a {Kind} could not be handled")]
    public static partial void CommandFailed(ILogger log, Exception failure, Jid room, string kind);

    [LoggerMessage(Level = LogLevel.Error, Message = "room {Room} could not be loaded")]
    public static partial void LoadFailed(ILogger log, Exception failure, Jid room);

    [LoggerMessage(Level = LogLevel.Error, Message = "room {Room}: its history could not be written")]
    public static partial void HistoryFailed(ILogger log, Exception failure, Jid room);

    [LoggerMessage(Level = LogLevel.Error, Message = "a {Kind} of a room could not be sent")]
    public static partial void SendFailed(ILogger log, Exception failure, string kind);

    [LoggerMessage(Level = LogLevel.Warning, Message = "too much waits for {Domain}: a stanza of a room was dropped")]
    public static partial void Dropped(ILogger log, string domain);

    [LoggerMessage(Level = LogLevel.Information, Message = "room {Room} was made by {Creator}")]
    public static partial void Created(ILogger log, Jid room, Jid creator);

    [LoggerMessage(Level = LogLevel.Information, Message = "room {Room} was destroyed")]
    public static partial void Destroyed(ILogger log, Jid room);

    [LoggerMessage(Level = LogLevel.Warning, Message = "room {Room} was written by a newer writer: this one ends")]
    public static partial void Superseded(ILogger log, Jid room);

    [LoggerMessage(Level = LogLevel.Warning, Message = "room {Room}: the web service could not be asked about a password")]
    public static partial void PasswordNotChecked(ILogger log, Exception failure, Jid room);

    [LoggerMessage(Level = LogLevel.Error, Message = "a node is gone, and {Rooms} could not be asked who is still in them")]
    public static partial void NotChecked(ILogger log, Exception? failure, string rooms);

    [LoggerMessage(Level = LogLevel.Error, Message = "a node is gone, and nobody could say whether the occupants of {Rooms} are still there")]
    public static partial void GhostsNotSought(ILogger log, Exception? failure, string rooms);

    [LoggerMessage(Level = LogLevel.Error, Message = "room {Room} could not be stopped in time")]
    public static partial void NotStopped(ILogger log, Exception failure, string room);
}
