using System.Net;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Core.Streams;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Registration;

/// <summary>In-band registration: accounts are made before a client logs in; who is logged in changes the password or removes the account.</summary>
/// <remarks>XEP-0077 v2.4, AUTH-125 to AUTH-144, REG-001 to REG-009. No data forms, no keys, no redirection (AUTH-144).</remarks>
[Module("mod_register", Options = typeof(RegistrationOptions)), Xep(77, "2.4", Partial = "no data forms, no redirection")]
[Announces(Announcer.Server, Ns.Register)]
[Announces(Announcer.Stream, Ns.RegisterFeature)]
public sealed class RegistrationModule : IModule
{
    private const string Instructions = "Choose a username and password to register with this server";
    private const string TooFast = "Users are not allowed to register accounts so quickly";
    private const string TooWeak = "The password is too weak";

    // A client asks for the form and shows it to a person; the five seconds of a step (CORE-013) would take it away while it is filled in.
    private static readonly TimeSpan s_timeForForm = TimeSpan.FromMinutes(3);

    private readonly RegistrationOptions _options;
    private readonly HostType _host;
    private readonly RegistrationThrottle _throttle;
    private readonly IpAccessList _addresses;
    private readonly RegistrationNotices _notices;
    private readonly ILogger _log;

    /// <summary>Makes the module.</summary>
    public RegistrationModule(RegistrationOptions options, HostType host, ServerContext server, ILogger log)
    {
        _options = options;
        _host = host;
        _throttle = new RegistrationThrottle(server.General.RegistrationTimeout, server.Time);
        _addresses = new IpAccessList(options.IpAccess);
        _notices = new RegistrationNotices(options, server, log);
        _log = log;
    }

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        var feature = new XmlBuilder("register", Ns.RegisterFeature).Build();
        on.StreamFeature(FeaturePhase.Both, _ => feature); // AUTH-125, CORE-061
        on.StreamIq(Ns.Register, AnswerAsync);
        on.Iq(Ns.Register, "query", IqTarget.Domain, AnswerAsync);
        on.Iq(Ns.Register, "query", IqTarget.OwnAccount, AnswerAsync);
    }

    private ValueTask<IqReply> AnswerAsync(StreamIqRequest request, CancellationToken ct)
    {
        var requester = new Requester(null, request.Stream.Transport.Facts.Remote?.Address);
        var domain = request.Stream.Domain!.Jid;
        if (request.Iq.Type is IqType.Get && _addresses.Allows(requester.Address))
        {
            request.Stream.GiveTime(s_timeForForm);
        }

        return AnswerAsync(requester, domain, request.Iq.Type, request.Payload, ct);
    }

    // Who has no stream here (a component, another server's user) has no account here to change, and no address by which to be judged.
    private ValueTask<IqReply> AnswerAsync(IqRequest request, CancellationToken ct) =>
        request.Origin is null && request.Type is IqType.Set
            ? new(IqReply.Error(StanzaError.NotAllowed()))
            : AnswerAsync(new Requester(request.From, request.Origin?.Info.Remote?.Address), request.To.Bare.DomainJid, request.Type, request.Payload, ct);

    private async ValueTask<IqReply> AnswerAsync(Requester requester, BareJid domain, IqType type, XmlElement query, CancellationToken ct)
    {
        if (query.Name != "query")
        {
            return IqReply.Error(StanzaError.BadRequest());
        }

        if (type is IqType.Get)
        {
            return IqReply.Result(await FormAsync(requester.AccountOn(domain), ct));
        }

        // AUTH-129 to AUTH-134
        var count = query.Children.Count;
        if (query.Child("remove") is not null)
        {
            return count == 1 ? Remove(requester, domain) : IqReply.Error(StanzaError.BadRequest());
        }

        if (query.ChildText("username") is not { } username || query.ChildText("password") is not { } password)
        {
            return IqReply.Error(StanzaError.BadRequest());
        }

        if (!Passes(requester, domain))
        {
            return IqReply.Error(StanzaError.Forbidden()); // AUTH-135
        }

        if (requester.AccountOn(domain) is { } own && BareJid.TryCreate(username, domain.Domain, out var named) && named.Equals(own))
        {
            return await ChangePasswordAsync(own, password, ct) is { } failure ? IqReply.Error(failure) : IqReply.Result();
        }

        if (await RegisterAsync(requester, domain, username, password, ct) is { } refusal)
        {
            RegistrationLog.Refused(_log, domain, requester.Address, refusal.Condition);
            return IqReply.Error(refusal);
        }

        return IqReply.Result(query); // AUTH-136
    }

    // AUTH-127
    private async ValueTask<XmlElement> FormAsync(BareJid? own, CancellationToken ct)
    {
        var query = new XmlBuilder("query", Ns.Register);
        if (own is not null && await _host.Auth.ExistsAsync(own, ct) is Existence.Yes)
        {
            query.Element("registered");
        }

        return query.Element("instructions", Instructions).Element("username", own?.Local).Element("password").Build();
    }

    private async ValueTask<StanzaError?> RegisterAsync(Requester requester, BareJid domain, string username, string password, CancellationToken ct)
    {
        // The order is AUTH-136's: what is refused further down has used up the attempt.
        if (!_throttle.TryBegin(requester.Source))
        {
            return StanzaError.ResourceConstraint(TooFast);
        }

        if (!BareJid.TryCreate(username, domain.Domain, out var account))
        {
            return StanzaError.BadRequest("The username cannot be part of an address");
        }

        if (!_host.Access.IsAllowed(_options.Access, domain.Domain, account) || !_addresses.Allows(requester.Address))
        {
            return StanzaError.Forbidden();
        }

        if (IsTooWeak(password))
        {
            return StanzaError.NotAcceptable(TooWeak);
        }

        switch (await _host.Auth.Accounts.RegisterAsync(account, password, ct))
        {
            case AccountResult.Ok:
                RegistrationLog.Registered(_log, account, requester.Address);
                await _notices.SendAsync(account, requester.Address);
                return null;
            case AccountResult.Exists:
                return StanzaError.Conflict();
            case AccountResult.InvalidJid:
                return StanzaError.JidMalformed();
            case AccountResult.EmptyPassword:
                return StanzaError.NotAcceptable();
            case AccountResult.InvalidPassword:
                return StanzaError.NotAcceptable("The password holds characters that cannot be used");
            case AccountResult.LimitPerDomainExceeded:
                return StanzaError.NotAllowed("The domain takes no more accounts"); // AUTH-137
            default:
                return StanzaError.NotAllowed();
        }
    }

    // AUTH-141
    private async ValueTask<StanzaError?> ChangePasswordAsync(BareJid account, string password, CancellationToken ct) =>
        IsTooWeak(password) ? StanzaError.NotAcceptable(TooWeak) : await _host.Auth.Accounts.SetPasswordAsync(account, password, ct) switch
        {
            AccountResult.Ok => null,
            AccountResult.EmptyPassword => StanzaError.BadRequest(),
            AccountResult.InvalidPassword => StanzaError.NotAcceptable("The password holds characters that cannot be used"),
            AccountResult.InvalidJid => StanzaError.ItemNotFound(),
            _ => StanzaError.NotAllowed(),
        };

    // AUTH-142: the client hears of its success before its stream ends.
    private IqReply Remove(Requester requester, BareJid domain) =>
        requester.AccountOn(domain) is not { } own || !Passes(requester, domain)
            ? IqReply.Error(StanzaError.NotAllowed())
            : IqReply.Result() with
            {
                Afterwards = async () => RegistrationLog.Removed(_log, own, await _host.Auth.Accounts.RemoveAsync(own, CancellationToken.None)),
            };

    private bool Passes(Requester requester, BareJid domain) => requester.Jid is null || _host.Access.IsAllowed(_options.Access, domain.Domain, requester.Jid);

    private bool IsTooWeak(string password) => _options.PasswordStrength > 0 && PasswordStrength.Entropy(password) < _options.PasswordStrength;

    /// <summary>Who asks: nobody yet, or somebody who is logged in.</summary>
    private readonly record struct Requester(Jid? Jid, IPAddress? Remote)
    {
        /// <summary>Where the request came from; an IPv4 address that an IPv6 socket shows is itself again, so that lists of IPv4 ranges hold for it.</summary>
        public IPAddress? Address { get; } = Remote is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : Remote;

        /// <summary>Whose attempts are counted together (AUTH-138).</summary>
        public string Source => Jid?.Bare.ToString() ?? Address?.ToString() ?? "";

        /// <summary>The requester's account on a domain; null when it has none there.</summary>
        public BareJid? AccountOn(BareJid domain) => Jid?.Bare is { HasLocal: true } account && account.Domain == domain.Domain ? account : null;
    }
}
