using Meerkat.Admin.Metrics;
using Meerkat.Core.Hosts;

namespace Meerkat.Admin.Rest.Admin;

/// <summary>The administrator's operations (RST-ADMIN-01 to 37).</summary>
internal static class AdminOperations
{
    /// <summary>The operations on a server.</summary>
    public static RestTable Of(AdminApi api) => Of(api.Server, api.Metrics);

    private static RestTable Of(ServerContext server, MetricBoard metrics) => new(
    [
        .. Users.Of(server),
        .. Sessions.Of(server),
        .. Messages.Of(server),
        .. Contacts.Of(server),
        .. LightRooms.Of(server),
        .. Rooms.Of(server),
        .. InboxBins.Of(server),
        .. Domains.Of(server),
        .. MetricFigures.Of(server, metrics),
    ]);

    /// <summary>A path that lacks a segment which the method needs.</summary>
    public static RestOperation Lacking(Enum part, string method, string path, int status, string reason) =>
        new(part, method, path, _ => throw new RestException(status, reason)) { IsHidden = true };
}
