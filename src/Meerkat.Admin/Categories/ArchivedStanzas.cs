using Meerkat.Admin.GraphQL;
using Meerkat.Core.Hosts;
using Meerkat.Modules.Mam;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Categories;

/// <summary>The last messages of rooms of both kinds (GQA-MUC-16, GQA-MUCLIGHT-08), as a <c>StanzasPayload</c>.</summary>
internal static class ArchivedStanzas
{
    // The default, and the most.
    private const int Limit = 50;

    /// <summary>The last messages of a room, by the arguments <c>pageSize</c> and <c>before</c>. A room that is not there has none.</summary>
    /// <exception cref="OperationException"><c>deps_not_loaded</c>: rooms are not archived here.</exception>
    public static async ValueTask<object> OfRoomAsync(ServerContext server, BareJid room, OperationCall call)
    {
        if (!server.Domains.TryFind(room.Domain, out var domain) || domain.Host.Operations<RoomMamOperations>() is not { } archives)
        {
            throw OperationException.NotLoaded(["mod_mam_muc"]);
        }

        try
        {
            return Show(await archives.GetLastMessagesAsync(room, null, Math.Min(call.FindValue<int>("pageSize") ?? Limit, Limit), call.FindValue<DateTimeOffset>("before"), call.Ct));
        }
        catch (TimeoutException)
        {
            throw new OperationException("internal", "The archive could not be read in time", ("room", room));
        }
    }

    /// <summary>The last messages of an archive as a <c>StanzasPayload</c>.</summary>
    public static object Show(LastMessages last) => new { Stanzas = last.Messages.Select(message => StanzaCategory.Map(message.From, message.Time, message.Id, message.Xml)), last.Limit };
}
