using Meerkat.Core.Hosts;

namespace Meerkat.Admin.Rest.Client;

/// <summary>The users' operations (RST-CLIENT-01 to 18).</summary>
internal static class ClientOperations
{
    /// <summary>The operations on a server.</summary>
    public static RestTable Of(ServerContext server) => new([.. OwnMessages.Of(server), .. OwnContacts.Of(server), .. OwnRooms.Of(server), OwnEvents.Of(server)]);

    /// <summary>A path that lacks a segment which the method needs, or has one too many.</summary>
    public static RestOperation Lacking(Enum part, string method, string path, int status, string reason) =>
        new(part, method, path, _ => throw new RestException(status, reason)) { IsHidden = true };
}
