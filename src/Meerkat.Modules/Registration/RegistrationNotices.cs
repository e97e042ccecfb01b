using System.Diagnostics.CodeAnalysis;
using System.Net;
using Meerkat.Core.Hosts;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Registration;

/// <summary>Who is told of a new account: the account itself and the watchers (AUTH-143, REG-008).</summary>
internal sealed class RegistrationNotices(RegistrationOptions options, ServerContext server, ILogger log)
{
    private readonly Jid[] _watchers = [.. options.RegistrationWatchers.Select(Jid.Parse)];

    /// <summary>Tells them. What fails is logged: the account is there whether they heard of it or not.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "A notice that fails must not make a registration that succeeded look as if it had not.")]
    public async ValueTask SendAsync(BareJid account, IPAddress? remote)
    {
        try
        {
            if (options.WelcomeMessage is { } welcome && welcome is not { Subject: "", Body: "" })
            {
                await SendAsync(MessageType.Normal, account, account, [.. Part("subject", welcome.Subject), .. Part("body", welcome.Body)]);
            }

            var text = $"[{XmppDateTime.Format(server.Time.GetUtcNow(), 0)}] The account {account} was registered from IP address {remote?.ToString() ?? "unknown"} on node {Environment.MachineName} using mod_register.";
            foreach (var watcher in _watchers)
            {
                await SendAsync(MessageType.Chat, account, watcher, Part("body", text));
            }
        }
        catch (Exception failure)
        {
            RegistrationLog.NotTold(log, failure, account);
        }
    }

    private ValueTask SendAsync(MessageType type, BareJid account, Jid to, XmlElement[] children) =>
        server.Router.RouteAsync(Message.Create(type, account.DomainJid, to, null, children), CancellationToken.None);

    private static XmlElement[] Part(string name, string text) => text.Length == 0 ? [] : [new XmlBuilder(name, Ns.Client).Text(text).Build()];
}
