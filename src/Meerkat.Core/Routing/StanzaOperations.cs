using Meerkat.Core.Accounts;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Streams;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Core.Routing;

/// <summary>What an administrator may send in the name of local accounts (OPS-070, GQA-STANZA-02 to GQA-STANZA-04).</summary>
/// <remarks>
/// The sender's hooks run as for a client's stanza (archive, inbox, copies, the default privacy list). A stanza that a hook stopped counts as sent, as the reference has it.
/// Safe for concurrent use.
/// </remarks>
/// <param name="server">The server.</param>
public sealed class StanzaOperations(ServerContext server)
{
    /// <summary>Sends a message of type <c>chat</c>.</summary>
    /// <returns><see cref="StanzaResult.Ok"/> and the id of the message, or <see cref="StanzaResult.UnknownUser"/>.</returns>
    public ValueTask<(StanzaResult Result, string? Id)> SendMessageAsync(Jid from, Jid to, string body, CancellationToken ct) =>
        SendMessageAsync(MessageType.Chat, from, to, null, body, ct);

    /// <summary>Sends a message of type <c>headline</c>.</summary>
    /// <param name="from">The sender.</param>
    /// <param name="to">The recipient.</param>
    /// <param name="subject">Its subject; null for none.</param>
    /// <param name="body">Its body; null for none.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns><see cref="StanzaResult.Ok"/> and the id of the message, or <see cref="StanzaResult.UnknownUser"/>.</returns>
    public ValueTask<(StanzaResult Result, string? Id)> SendHeadlineAsync(Jid from, Jid to, string? subject, string? body, CancellationToken ct) =>
        SendMessageAsync(MessageType.Headline, from, to, subject, body, ct);

    /// <summary>Sends any stanza; its addresses are those that stand in it.</summary>
    /// <param name="element">The stanza, in <c>jabber:client</c> (parsed with that context where it names no namespace). An id is made where it has none.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The outcome, and the id of the stanza when it is <see cref="StanzaResult.Ok"/>.</returns>
    public async ValueTask<(StanzaResult Result, string? Id)> SendAsync(XmlElement element, CancellationToken ct)
    {
        if (element.Attribute("to") is not { } recipient)
        {
            return (StanzaResult.NoRecipient, null);
        }

        if (!Jid.TryParse(recipient, out var to))
        {
            return (StanzaResult.InvalidRecipient, null);
        }

        if (element.Attribute("from") is not { } sender)
        {
            return (StanzaResult.NoSender, null);
        }

        if (!Jid.TryParse(sender, out var from) || from.Local is null)
        {
            return (StanzaResult.InvalidSender, null);
        }

        var id = element.Attribute("id") is { Length: > 0 } given ? given : RandomId.Create();
        var stanza = StanzaReader.Read(element.WithAttribute("id", id), from, to);
        if (stanza is null or Iq { IsValid: false } or Presence { Type: PresenceType.Invalid })
        {
            return (StanzaResult.InvalidStanza, null);
        }

        var result = await SendAsync(stanza, from, ct);
        return (result, result is StanzaResult.Ok ? id : null);
    }

    private async ValueTask<(StanzaResult Result, string? Id)> SendMessageAsync(MessageType type, Jid from, Jid to, string? subject, string? body, CancellationToken ct)
    {
        (string Name, string? Text)[] children = [("subject", subject), ("body", body)];
        var id = RandomId.Create();
        var message = Message.Create(type, from, to, id, children.Where(child => child.Text is not null).Select(child => new XmlBuilder(child.Name, Ns.Client).Text(child.Text).Build()));
        var result = await SendAsync(message, from, ct);
        return (result, result is StanzaResult.Ok ? id : null);
    }

    private async ValueTask<StanzaResult> SendAsync(Stanza stanza, Jid from, CancellationToken ct)
    {
        if (!server.Domains.TryFindAccounts(from.Domain, out var domain) || await domain.Host.Auth.StoredExistsAsync(from.Bare, ct) is not Existence.Yes)
        {
            return StanzaResult.UnknownUser;
        }

        switch (stanza)
        {
            case Message message:
                var context = new MessageContext(domain.Host, from.Bare, message, null);
                if (await domain.Host.Hooks.RunAsync(MessageHooks.Sent, context, ct) is HookResult.Continue)
                {
                    await server.Router.RouteAsync(context.Message, ct);
                }

                break;
            case Presence { IsSubscription: true } presence when domain.Host.Operations<ISubscriptionSender>() is { } subscriptions:
                await subscriptions.SendSubscriptionAsync(presence, ct);
                break;
            default:
                await server.Router.RouteAsync(stanza, ct);
                break;
        }

        return StanzaResult.Ok;
    }
}
