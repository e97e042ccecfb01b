using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Core.Sessions;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Carbons;

/// <summary>Message Carbons: a client sees the conversations that its account has on other clients.</summary>
/// <remarks>
/// XEP-0280 v1.0, CORE-229 to CORE-234, CRB-001 to CRB-006; the older <c>urn:xmpp:carbons:1</c> too. A copy is handed to the session itself:
/// it is not routed, so that nobody archives, stores or copies it.
/// </remarks>
[Module("mod_carboncopy"), Xep(280, "1.0.1")]
[Announces(Announcer.Server | Announcer.Account, Ns.Carbons, Ns.CarbonsOld, Ns.CarbonsRules)]
public sealed class CarbonsModule(ISessionDirectory sessions) : IModule
{
    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        foreach (var feature in new[] { Ns.Carbons, Ns.CarbonsOld, Ns.CarbonsRules })
        {
            on.Feature(feature);
            on.AccountFeature(feature);
        }

        on.Iq(Ns.Carbons, null, IqTarget.OwnAccount, SwitchAsync);
        on.Iq(Ns.CarbonsOld, null, IqTarget.OwnAccount, SwitchAsync);
        on.SessionState(CarbonState.Key);
        on.Hook(MessageHooks.Sent, MessageSlot.Carbons, CopySentAsync);
        on.Hook(MessageHooks.Delivered, DeliveredSlot.Carbons, CopyReceivedAsync);
        on.Hook(SessionHooks.Unavailable, SessionSlot.Carbons, DisableAsync);
    }

    // CRB-001
    private async ValueTask<IqReply> SwitchAsync(IqRequest request, CancellationToken ct)
    {
        var payload = request.Payload;
        if (request.Type is not IqType.Set || payload.Name is not ("enable" or "disable") || payload.FirstChild is not null || request.Origin is not { } session)
        {
            return IqReply.Error(StanzaError.BadRequest());
        }

        session.Set(CarbonState.Key, payload.Name == "disable" ? null : payload.IsIn(Ns.CarbonsOld) ? CarbonState.Old : CarbonState.Current);
        await sessions.PublishAsync(session, ct); // who is told that it is on gets the next message, whatever node sends it
        return IqReply.Result();
    }

    // CORE-234
    private static ValueTask<HookResult> DisableAsync(SessionUnavailable unavailable, CancellationToken ct)
    {
        unavailable.Session.Set(CarbonState.Key, null);
        return new ValueTask<HookResult>(HookResult.Continue);
    }

    private ValueTask<HookResult> CopySentAsync(MessageContext context, CancellationToken ct)
    {
        var finding = sessions.FindAsync(context.Account, ct);
        if (!finding.IsCompletedSuccessfully)
        {
            return CopyLaterAsync(finding, context);
        }

        CopySent(context, finding.Result);
        return new ValueTask<HookResult>(HookResult.Continue);
    }

    private static async ValueTask<HookResult> CopyLaterAsync(ValueTask<IReadOnlyList<IBoundSession>> finding, MessageContext context)
    {
        CopySent(context, await finding);
        return HookResult.Continue;
    }

    // CORE-232. A message to the own account is copied on the recipient's side, once.
    private static void CopySent(MessageContext context, IReadOnlyList<IBoundSession> all)
    {
        XmlElement? original = null;
        for (var i = 0; i < all.Count; i++)
        {
            var session = all[i];
            if (session.Get(CarbonState.Key) is not { } state || IsSender(session, context.Message))
            {
                continue;
            }

            if (original is null)
            {
                if (context.Account.Equals(context.Message.To?.Bare) || !CarbonRules.IsEligible(context.Message, isReceived: false))
                {
                    return;
                }

                original = Original(context.Message, context.Account);
            }

            Copy(session, state, context.Account, context.Message.Type, "sent", original.Value);
        }
    }

    // CORE-232: whoever did not get it itself. For a bare JID those are the ones below the highest priority.
    private static ValueTask<HookResult> CopyReceivedAsync(DeliveredContext context, CancellationToken ct)
    {
        XmlElement? original = null;
        for (var i = 0; i < context.Sessions.Count; i++)
        {
            var session = context.Sessions[i];
            if (session.Get(CarbonState.Key) is not { } state || context.DeliveredTo.Contains(session) || IsSender(session, context.Message))
            {
                continue;
            }

            if (original is null)
            {
                if (!CarbonRules.IsEligible(context.Message, isReceived: true))
                {
                    break;
                }

                original = context.Message.ToElement();
            }

            Copy(session, state, context.Account, context.Message.Type, "received", original.Value);
        }

        return new ValueTask<HookResult>(HookResult.Continue);
    }

    private static bool IsSender(IBoundSession session, Message message) => session.Jid.Equals(message.From);

    // CRB-005: the sender's other clients learn the id that the message has in its archive.
    private static XmlElement Original(Message message, BareJid account) =>
        (message.StableId == 0 ? message : message.Append(new StanzaId(message.StableId).ToElement(account))).ToElement();

    // CRB-004, CORE-233. In version 1 the forwarded message stands beside the mark.
    private static void Copy(IBoundSession session, CarbonState state, BareJid account, MessageType type, string direction, XmlElement original)
    {
        var forwarded = new XmlBuilder("forwarded", Ns.Forward).Add(original).Build();
        var mark = new XmlBuilder(direction, state.Namespace);
        XmlElement[] children = state.Namespace == Ns.CarbonsOld ? [mark.Build(), forwarded] : [mark.Add(forwarded).Build()];
        session.Deliver(Message.Create(type, account, session.Jid, null, children));
    }
}
