using System.Runtime.CompilerServices;
using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Core.Tracing;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Routing;

/// <summary>Where a stanza goes: a local account or server IQ table, a service on a subdomain, or nowhere (architecture §2, step 6).</summary>
/// <remarks>Completes synchronously for local sessions unless a module waits. Safe for concurrent use.</remarks>
public sealed class Router
{
    private readonly ServerContext _server;
    private readonly MessageDelivery _messages;
    private readonly PresenceDelivery _presences;
    private readonly IqDispatch _iqs;
    private readonly ILogger _log;

    // By payload, which a message keeps through all copies; the sender's archive and the recipient's offline storage know nothing of each other.
    private readonly ConditionalWeakTable<object, object> _failed = [];

    internal Router(ServerContext server)
    {
        _server = server;
        _messages = new MessageDelivery(server, this);
        _presences = new PresenceDelivery(server);
        _iqs = new IqDispatch(server, this);
        _log = server.Loggers.CreateLogger<Router>();
    }

    /// <summary>Routes a stanza with its sender and recipient set.</summary>
    /// <param name="stanza">The stanza.</param>
    /// <param name="ct">Cancels waits.</param>
    public ValueTask RouteAsync(Stanza stanza, CancellationToken ct) => RouteAsync(stanza, null, ct);

    /// <summary>Routes a stanza of a local session.</summary>
    /// <param name="stanza">The stanza, its sender and recipient set.</param>
    /// <param name="origin">The session that sent it; null when it came from elsewhere.</param>
    /// <param name="ct">Cancels waits.</param>
    public ValueTask RouteAsync(Stanza stanza, Session? origin, CancellationToken ct) =>
        StanzaTrace.Current is null ? SendAsync(stanza, origin, ct) : TraceAsync(stanza, origin, ct);

    private async ValueTask TraceAsync(Stanza stanza, Session? origin, CancellationToken ct)
    {
        using var span = StanzaTrace.Start("route");
        if (span is not null)
        {
            var to = stanza.To!;
            span.SetTag("xmpp.stanza.kind", stanza.Kind);
            span.SetTag("xmpp.to", to.Bare.ToString());
            span.SetTag("meerkat.route", !_server.Domains.TryFind(to.Domain, out var domain) ? "none" : domain.Service is { } service ? service.GetType().Name : to.Local is null ? "domain" : "account");
        }

        try
        {
            await SendAsync(stanza, origin, ct);
        }
        catch (Exception failure)
        {
            StanzaTrace.Fail(span, failure);
            throw;
        }
    }

    private ValueTask SendAsync(Stanza stanza, Session? origin, CancellationToken ct)
    {
        // RFC 6120 §8.2.3, CORE-146: whoever it is for, another client or server too, never sees it.
        if (stanza is Iq { IsValid: false } invalid)
        {
            return ReplyErrorAsync(invalid, StanzaError.BadRequest(), ct);
        }

        if (!_server.Domains.TryFind(stanza.To!.Domain, out var domain))
        {
            return BounceUnreachableAsync(stanza, ct);
        }

        if ((domain.Host.RoutingFilters.Length > 0 || origin?.Host.RoutingFilters.Length > 0) && FindRefusal(stanza, domain, origin) is { } refusal)
        {
            return RefuseAsync(stanza, refusal, ct);
        }

        return DeliverAsync(stanza, domain, origin, ct);
    }

    /// <summary>Whether a domain is served by this server, so that what is routed there goes no further.</summary>
    public bool IsLocal(string domain) => _server.Domains.TryFind(domain, out _);

    /// <summary>Answers a stanza with an error, where one may be sent (RFC 6120 §8.3.1).</summary>
    public ValueTask ReplyErrorAsync(Stanza stanza, StanzaError error, CancellationToken ct) =>
        stanza.From is not null && StanzaReplies.ErrorFor(stanza, error) is { } reply ? RouteAsync(reply, null, ct) : ValueTask.CompletedTask;

    /// <summary>Tells a message's sender that it could not be kept as it should have been: once for each message, however many stores fail at it.</summary>
    /// <remarks>For those who write behind a message's delivery. What of it was done all the same, an error cannot say: it may have been delivered.</remarks>
    public ValueTask ReplyFailureAsync(Message message, StanzaError error, CancellationToken ct) =>
        IsFirstFailure(message) ? ReplyErrorAsync(message, error, ct) : ValueTask.CompletedTask;

    /// <summary>Whether nobody has told yet that something about the stanza failed. Who asks tells.</summary>
    internal bool IsFirstFailure(Stanza stanza) => _failed.TryAdd(stanza.Element.Tree, _failed);

    /// <summary>What a session leaves behind: see <see cref="Rerouting"/>.</summary>
    internal ValueTask RerouteAsync(Session session, IBoundSession? heir, AckQueue? acks, IReadOnlyList<Stanza> others, CancellationToken ct) =>
        acks is null or { Count: 0 } && others.Count == 0 ? ValueTask.CompletedTask : new Rerouting(_server, _messages, session, heir).RunAsync(acks, others, ct);

    /// <summary>A stanza that was on its way to a session which has ended meanwhile, or whose node has: it goes where the session would have left it (CORE-203, CORE-204).</summary>
    internal ValueTask ReturnAsync(Stanza stanza, FullJid session, CancellationToken ct) => stanza switch
    {
        Message { Delivery.IsUndelivered: false } => ValueTask.CompletedTask, // another session of the account, on this node, has it or answers for it
        Message { IsError: false } message when _server.Domains.TryFindAccounts(session.Domain, out var domain) => _messages.RedeliverAsync(message.WithDelivery(null), session, domain.Host, ct),
        Iq { IsRequest: true } iq => ReplyErrorAsync(iq.To is null ? iq.Readdress(iq.From, session) : iq, StanzaError.ServiceUnavailable(), ct),
        _ => ValueTask.CompletedTask,
    };

    private ValueTask DeliverAsync(Stanza stanza, HostedDomain domain, Session? origin, CancellationToken ct)
    {
        var to = stanza.To!;
        if (domain.Service is { } service)
        {
            return service.HandleAsync(stanza, origin, ct);
        }

        return stanza switch
        {
            Message message => to.Local is null ? ToDomainAsync(message, ct) : _messages.DeliverAsync(message, domain.Host, origin, ct),
            Presence presence => to.Local is null ? ToDomainAsync(presence, ct) : _presences.DeliverAsync(presence, domain.Host, ct),
            _ => _iqs.DispatchAsync((Iq)stanza, domain.Host, origin, ct),
        };
    }

    // What a session of an isolated host type sends is looked at too where the recipient's host type minds nothing.
    private static StanzaError? FindRefusal(Stanza stanza, HostedDomain domain, Session? origin)
    {
        var filters = domain.Host.RoutingFilters;
        foreach (var filter in filters)
        {
            if (filter(stanza, domain) is { } refusal)
            {
                return refusal;
            }
        }

        foreach (var filter in origin is null || origin.Host == domain.Host ? [] : origin.Host.RoutingFilters)
        {
            if (filter(stanza, domain) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    // DIS-002: the answer passes filters, so that the sender hears why.
    private ValueTask RefuseAsync(Stanza stanza, StanzaError refusal, CancellationToken ct)
    {
        ServerMetrics.StanzaDropped();
        return stanza.From is not null && StanzaReplies.ErrorFor(stanza, refusal) is { To: { } to } reply && _server.Domains.TryFind(to.Domain, out var domain)
            ? DeliverAsync(reply, domain, null, ct)
            : ValueTask.CompletedTask;
    }

    // CORE-141, CORE-142: a domain ignores messages and presences; a resource of a domain does not exist.
    private ValueTask ToDomainAsync(Stanza stanza, CancellationToken ct) =>
        stanza.To is FullJid ? ReplyErrorAsync(stanza, StanzaError.ItemNotFound(), ct) : ValueTask.CompletedTask;

    private ValueTask BounceUnreachableAsync(Stanza stanza, CancellationToken ct)
    {
        ServerMetrics.NoRoute();
        RoutingLog.NoRoute(_log, stanza.To!.Domain);
        return ReplyErrorAsync(stanza, StanzaError.RemoteServerNotFound(), ct);
    }
}
