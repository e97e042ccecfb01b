using System.Globalization;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.ExternalServices;

/// <summary>Tells clients of services beside the server, such as TURN for calls, with user names and passwords for them.</summary>
/// <remarks>XEP-0215 v1.0.0, EXT-001 to EXT-003. The server's own users only: a password that is told to strangers is none.</remarks>
[Module("mod_extdisco", Options = typeof(ExternalServicesOptions)), Xep(215, "1.0.0")]
[Announces(Announcer.Server, Ns.ExternalServices)]
public sealed class ExternalServicesModule(ExternalServicesOptions options, ServerContext server) : IModule
{
    private readonly ExternalServicesOperations _services = new(options, server.Time);

    // What clients ask for whether a server has it or not; another type has to be configured to be known.
    private readonly HashSet<string> _types = new([.. options.Service.Select(service => service.Type), "stun", "stuns", "turn", "turns"], StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        on.Iq(Ns.ExternalServices, "services", IqTarget.Domain, (request, _) => new(Services(request)));
        on.Iq(Ns.ExternalServices, "credentials", IqTarget.Domain, (request, _) => new(Credentials(request)));
        on.Operations(_services);
    }

    private IqReply Services(IqRequest request)
    {
        if (Refusal(request) is { } refusal)
        {
            return IqReply.Error(refusal);
        }

        var type = request.Payload.Attribute("type");
        if (type is not null && !_types.Contains(type))
        {
            return IqReply.Error(StanzaError.BadRequest());
        }

        var answer = new XmlBuilder("services", Ns.ExternalServices).Attribute("type", type);
        foreach (var service in options.Service.Where(service => type is null || service.Type == type))
        {
            Add(answer, service, request.From.Bare); // EXT-002: with all that it takes to use it
        }

        return IqReply.Result(answer.Build());
    }

    private IqReply Credentials(IqRequest request)
    {
        if (Refusal(request) is { } refusal)
        {
            return IqReply.Error(refusal);
        }

        var children = request.Payload.Children.ToArray();
        if (children is not [var asked] || !asked.Is("service", Ns.ExternalServices)
            || asked.Attribute("type") is not { } type || !_types.Contains(type) || asked.Attribute("host") is not { Length: > 0 } host)
        {
            return IqReply.Error(StanzaError.BadRequest());
        }

        var port = asked.Attribute("port");
        var found = options.Service.Where(service => service.Type == type && service.Host == host
            && (port is null || service.Port?.ToString(CultureInfo.InvariantCulture) == port)).ToArray();
        if (found is [])
        {
            return IqReply.Error(StanzaError.ItemNotFound());
        }

        var answer = new XmlBuilder("credentials", Ns.ExternalServices);
        foreach (var service in found)
        {
            Add(answer, service, request.From.Bare);
        }

        return IqReply.Result(answer.Build());
    }

    private StanzaError? Refusal(IqRequest request) =>
        request.Type is IqType.Set ? StanzaError.NotAllowed()
        : !server.Domains.TryFindAccounts(request.From.Domain, out _) ? StanzaError.Forbidden()
        : null;

    private void Add(XmlBuilder answer, ExternalServiceOptions service, BareJid requester)
    {
        var told = _services.For(requester, service);
        answer.Start("service")
            .Attribute("type", told.Type)
            .Attribute("host", told.Host)
            .Attribute("port", told.Port?.ToString(CultureInfo.InvariantCulture))
            .Attribute("transport", told.Transport)
            .Attribute("username", told.Username)
            .Attribute("password", told.Password)
            .Attribute("expires", told.Expires is { } expires ? XmppDateTime.Format(expires, 0) : null)
            .End();
    }
}
