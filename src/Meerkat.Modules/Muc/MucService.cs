using Meerkat.Core.Placement;
using Meerkat.Core.Routing;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>The room service on its subdomain: checks who may use it, gives stanzas to rooms, and answers for itself (MUC-010 to MUC-016).</summary>
internal sealed class MucService(RoomHost host, ServiceRules rules) : IService
{
    private readonly Router _router = host.Host.Server.Router;

    /// <inheritdoc/>
    public string? Name => "Chatrooms";

    /// <inheritdoc/>
    public ValueTask HandleAsync(Stanza stanza, CancellationToken ct) => HandleAsync(stanza, null, ct);

    /// <inheritdoc/>
    public async ValueTask HandleAsync(Stanza stanza, Session? origin, CancellationToken ct)
    {
        var to = stanza.To!;
        if (!host.MayUse(stanza.From!, to.Domain))
        {
            await _router.ReplyErrorAsync(stanza, StanzaError.Forbidden("Access denied by service policy"), ct); // MUC-010
        }
        else if (to.Local is null)
        {
            await rules.HandleAsync(stanza, ct);
        }
        else
        {
            await ToRoomAsync(stanza, origin, ct);
        }
    }

    // What answers something that a room has sent may come while that room sends it: nobody waits for it. Everybody else waits for the room, so that who floods it waits for himself.
    private async ValueTask ToRoomAsync(Stanza stanza, Session? origin, CancellationToken ct)
    {
        var key = stanza.To!.Bare.ToString();
        var command = new RoomCommand(RoomCommandKind.Stanza) { Stanza = stanza, Order = origin?.Order ?? 0 };
        if (origin is null && (stanza.IsError || stanza is Iq { Type: IqType.Result }))
        {
            host.Rooms.TryPost(key, command); // a full room misses an answer: its own time-outs hold
            return;
        }

        try
        {
            await host.Rooms.AskAsync(key, command, ct);
        }
        catch (PlacementBusyException)
        {
            await _router.ReplyErrorAsync(stanza, StanzaError.ResourceConstraint("The room is busy."), ct);
        }
    }
}
