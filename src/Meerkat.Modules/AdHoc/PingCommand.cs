using Meerkat.Xmpp;

namespace Meerkat.Modules.AdHoc;

/// <summary>The command by which a requester sees that commands work (ADH-002).</summary>
internal sealed class PingCommand : IAdHocCommand
{
    public string Node => "ping";

    public string Name => "Ping";

    public bool IsFor(Jid requester, BareJid entity) => true;

    public ValueTask<AdHocReply> RunAsync(AdHocRequest request, CancellationToken ct) =>
        new(request.Action is AdHocAction.Execute ? AdHocReply.Done("Pong") : AdHocReply.BadAction());
}
