using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Ping;

/// <summary>XMPP Ping: answers pings, and pings clients that say nothing.</summary>
/// <remarks>XEP-0199 v2.0, PNG-001 to PNG-005.</remarks>
[Module("mod_ping", Options = typeof(PingOptions)), Xep(199, "2.0.1")]
[Announces(Announcer.Server | Announcer.Account, Ns.Ping)]
public sealed class PingModule(PingOptions options, HostType host) : IModule
{
    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        PingMetrics.Begin();
        on.AccountFeature(Ns.Ping);
        on.Iq(Ns.Ping, null, IqTarget.Domain, AnswerAsync);
        on.Iq(Ns.Ping, null, IqTarget.Account, AnswerAsync);
        on.Hook(MessageHooks.Received, ReceivedSlot.Ping, DropAsync);
        if (options.SendPings)
        {
            var pinger = new IdlePinger(options, host);
            on.SessionState(PingState.Key);
            on.Hook(SessionHooks.Opened, SessionSlot.Ping, (_, _) => Watch(pinger));
            on.Hook(SessionHooks.Resumed, SessionSlot.Ping, (_, _) => Watch(pinger));
        }
    }

    // PNG-001
    private static ValueTask<IqReply> AnswerAsync(IqRequest request, CancellationToken ct) => new(
        request.Type is IqType.Get && request.Payload.Name == "ping" ? IqReply.Result() : IqReply.Error(StanzaError.FeatureNotImplemented()));

    // PNG-005
    private static ValueTask<HookResult> DropAsync(MessageContext context, CancellationToken ct) =>
        new(context.Message.IsError && context.Message.Has("ping", Ns.Ping) ? HookResult.Stop : HookResult.Continue);

    private static ValueTask<HookResult> Watch(IdlePinger pinger)
    {
        pinger.Watch();
        return new ValueTask<HookResult>(HookResult.Continue);
    }
}
