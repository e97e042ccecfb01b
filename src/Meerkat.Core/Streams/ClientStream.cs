using Meerkat.Core.Cluster;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Core.Sessions;
using Meerkat.Core.Storage;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Streams;

/// <summary>A client's stream from its first header to the end of its session: a state machine without I/O, frames in and steps out (CORE §§3 to 12).</summary>
/// <remarks>
/// One reader calls it, strictly in order. It knows no socket: it writes to an <see cref="Outbox"/> and says by <see cref="StreamStep"/> what its
/// connection has to do. Stream errors are thrown as <see cref="StreamErrorException"/>; the connection hands them to <see cref="FailAsync"/>.
/// </remarks>
[Rfc(6120), Rfc(6121), Rfc(7622)]
[Xep(170, "1.0"), Xep(82, "1.1.1"), Xep(86, "1.0"), Xep(203, "2.0")]
[Announces(Announcer.StreamBefore, Ns.Tls)]
[Announces(Announcer.StreamAfter, Ns.Bind, Ns.Session)]
public sealed class ClientStream
{
    // CORE-070, CORE-113: further attempts after the first.
    private const int LoginRetries = 3;
    private const int BindRetries = 5;

    private readonly ServerContext _server;
    private readonly ILogger _log;
    private readonly Authentication _authentication;
    private readonly Binding _binding;
    private readonly StreamTraffic? _traffic;
    private Phase _phase = Phase.Start;
    private int _retries = LoginRetries;
    private bool _headerSent;
    private SessionInput? _input;

    /// <summary>A stream on a fresh connection.</summary>
    /// <param name="server">The server.</param>
    /// <param name="profile">What its listener lays down.</param>
    /// <param name="transport">Its transport.</param>
    public ClientStream(ServerContext server, ClientProfile profile, ITransport transport)
    {
        _server = server;
        _log = server.Loggers.CreateLogger<ClientStream>();
        _authentication = new Authentication(this);
        _binding = new Binding(this);
        _traffic = server.Traffic is { } watch ? new StreamTraffic(watch, this, server.Time) : null;
        Profile = profile;
        StepTimeout = profile.StateTimeout;
        Transport = transport;
        Outbox = new Outbox(transport, server.Time, _traffic is null ? null : _traffic.Sent);
    }

    private enum Phase
    {
        Start,
        BeforeAuthentication,
        Authenticated,
        Binding,
        Bound,
        Ended,
    }

    /// <summary>What the listener lays down.</summary>
    public ClientProfile Profile { get; }

    /// <summary>The transport.</summary>
    public ITransport Transport { get; private set; }

    /// <summary>What leaves on the stream.</summary>
    public Outbox Outbox { get; private set; }

    /// <summary>Id of the stream; a new one after STARTTLS and after authentication.</summary>
    public string Id { get; private set; } = RandomId.Create();

    /// <summary>The domain that is served, once the header named it.</summary>
    public HostedDomain? Domain { get; private set; }

    /// <summary>The authenticated account; null before.</summary>
    public BareJid? Account { get; private set; }

    /// <summary>How the account was authenticated; null before.</summary>
    public Login? Login { get; private set; }

    /// <summary>The bound session; null before.</summary>
    public Session? Session { get; private set; }

    /// <summary>Whether negotiation is over: the time-out of negotiation does not apply any more (CORE-013).</summary>
    public bool IsEstablished => _phase is Phase.Bound or Phase.Ended;

    /// <summary>Whether the stream is authenticated and nothing is bound yet: where resumption is asked for.</summary>
    public bool IsBinding => _phase is Phase.Binding;

    /// <summary>A counter that moves with every step of negotiation: the time-out is for each step (CORE-013). Of what may come without end, whitespace or what is ignored, nothing is a step.</summary>
    public int Progress { get; private set; }

    /// <summary>How long the step that comes now may take; null for ever (CORE-013).</summary>
    public TimeSpan? StepTimeout { get; private set; }

    /// <summary>The <c>from</c> of the client's header: an identity that is not proven (CORE-021).</summary>
    internal BareJid? ClaimedIdentity { get; private set; }

    internal string Lang { get; private set; } = "";

    internal ServerContext Server => _server;

    /// <summary>Handles a frame.</summary>
    /// <exception cref="StreamErrorException">The stream has to end.</exception>
    public ValueTask<StreamStep> HandleAsync(XmlFrame frame, string defaultNamespace, CancellationToken ct)
    {
        _traffic?.Received(frame);
        if (_phase is Phase.Bound && frame.Kind is XmlFrameKind.Element)
        {
            return HandleBoundAsync(frame.Element, ct);
        }

        return frame.Kind switch
        {
            XmlFrameKind.StreamStart => new ValueTask<StreamStep>(Open(frame.Element, defaultNamespace)),
            XmlFrameKind.StreamEnd => CloseAsync(ct), // CORE-047: a clean close is answered and ends the session for good
            _ => NegotiateAsync(frame.Element, ct),
        };
    }

    /// <summary>Offers an element that is no stanza to the module of its namespace; unknown ones are ignored (CORE-130).</summary>
    internal ValueTask<StreamStep> HandleNonzaAsync(XmlElement element, Session? session, CancellationToken ct) =>
        Domain is not null && Domain.Host.Nonzas.TryGetValue(element.Namespace, out var handler)
            ? handler(new NonzaContext(this, session, element), ct)
            : new ValueTask<StreamStep>(StreamStep.Continue);

    /// <summary>Sends an element past the session's queues.</summary>
    public void Send(XmlElement element) => Outbox.Send(element);

    /// <summary>What comes next is a person's to say, who takes longer than a program: a registration form to fill in. Until the next log-in or STARTTLS.</summary>
    /// <param name="time">How long a step may take at least.</param>
    public void GiveTime(TimeSpan time)
    {
        if (StepTimeout < time)
        {
            StepTimeout = time;
            Progress++;
        }
    }

    /// <summary>A mistake that may be repeated a few times (CORE-046).</summary>
    /// <returns>What the connection does: it closes when the attempts are used up.</returns>
    public StreamStep UseRetry()
    {
        if (_retries-- > 0)
        {
            return StreamStep.Continue;
        }

        Outbox.Finish(null);
        return StreamStep.Close;
    }

    /// <summary>The transport is encrypted now: everything that was said before is forgotten (CORE-050).</summary>
    public void ReplaceTransport(ITransport transport)
    {
        Transport = transport;
        Outbox = new Outbox(transport, _server.Time, _traffic is null ? null : _traffic.Sent);
        StepTimeout = Profile.StateTimeout;
        Progress++;
        _phase = Phase.Start;
        _headerSent = false;
        _retries = LoginRetries;
        _authentication.Reset();
        Domain = null;
        ClaimedIdentity = null;
        Id = RandomId.Create();
    }

    /// <summary>Ends the stream with an error: header if none was sent, error, trailer (CORE §4).</summary>
    public async ValueTask FailAsync(StreamError error, CancellationToken ct)
    {
        if (_phase is Phase.Ended)
        {
            return;
        }

        ServerMetrics.StreamErrorSent(error.Condition);
        StreamLog.Failed(_log, Id, Transport.Facts.Remote, error.Condition);
        if (_phase is Phase.Start && !_headerSent && _server.General.HideServiceName && error.Condition is "xml-not-well-formed")
        {
            Transport.Abort(); // CORE-024
        }
        else
        {
            EnsureHeader();
            Outbox.Finish(error);
        }

        await EndAsync(new SessionEnd(error == StreamError.SystemShutdown ? SessionEndReason.Shutdown : SessionEndReason.StreamError, error), ct);
    }

    /// <summary>The transport ended without a word. A session with stream management waits for resumption; another one ends (CORE-215).</summary>
    public async ValueTask LoseAsync(CancellationToken ct)
    {
        if (_phase is Phase.Bound && await Session!.DetachAsync(ct))
        {
            _phase = Phase.Ended;
            return;
        }

        await EndAsync(SessionEnd.Lost, ct);
    }

    internal void Authenticate(BareJid account, Login login)
    {
        Account = account;
        Login = login;
        StepTimeout = Profile.StateTimeout;
        _phase = Phase.Authenticated;
        _retries = BindRetries;
    }

    internal void Establish(Session session, bool resumed = false)
    {
        Session = session;
        _input = new SessionInput(session, this);
        _phase = Phase.Bound;
        if (resumed)
        {
            StreamLog.Resumed(_log, session.Jid, Id, session.Info.Remote, session.Info.Transport, session.Info.Mechanism);
        }
        else
        {
            StreamLog.Established(_log, session.Jid, Id, session.Info.Remote, session.Info.Transport, session.Info.Mechanism);
        }
    }

    /// <summary>Checks that the domain is still served, once the session is in the directory: whoever takes a domain away looks for its sessions afterwards, so that none is missed (CORE-240).</summary>
    /// <exception cref="StreamErrorException"><c>host-gone</c>.</exception>
    internal void EnsureServed()
    {
        if (!_server.Domains.TryFindAccounts(Domain!.Jid.Domain, out var served) || served.Host != Domain.Host)
        {
            throw new StreamErrorException(StreamError.HostGone);
        }
    }

    /// <summary>Goes on with a session of another stream (XEP-0198 §5). The caller has checked that it is this account's.</summary>
    /// <param name="session">The session.</param>
    /// <param name="h">What the client says it has got.</param>
    /// <param name="resumed">Makes the answer, of how many of the client's stanzas are handled.</param>
    /// <param name="ct">Cancels waits before the session has moved.</param>
    /// <returns>False when the session has ended meanwhile.</returns>
    /// <exception cref="StreamErrorException">The client acknowledges more than it was sent; the session is gone too (CORE-219).</exception>
    public ValueTask<bool> ResumeAsync(Session session, uint h, Func<uint, XmlElement> resumed, CancellationToken ct) =>
        Resumption.ResumeAsync(this, session, h, resumed, ct);

    /// <summary>As <see cref="ResumeAsync(Session, uint, Func{uint, XmlElement}, CancellationToken)"/>, with a session that lives on another node: its state moves here.</summary>
    /// <param name="session">The session.</param>
    /// <param name="settings">How stream management works here.</param>
    /// <param name="h">What the client says it has got.</param>
    /// <param name="resumed">Makes the answer, of how many of the client's stanzas are handled.</param>
    /// <param name="ct">Cancels waits before the session has moved.</param>
    /// <returns>False when the session has ended meanwhile, or its node cannot be asked.</returns>
    /// <exception cref="StreamErrorException">The client acknowledges more than it was sent; the session is gone too (CORE-219).</exception>
    public ValueTask<bool> ResumeAsync(RemoteSession session, StreamManagementSettings settings, uint h, Func<uint, XmlElement> resumed, CancellationToken ct) =>
        Resumption.TakeOverAsync(this, session, settings, h, resumed, ct);

    private ValueTask<StreamStep> HandleBoundAsync(XmlElement element, CancellationToken ct) =>
        element.Is("iq", Ns.Client) && element.FirstChild is { } payload && payload.Is("session", Ns.Session)
            ? new ValueTask<StreamStep>(_binding.OpenLegacySession(element, Session!))
            : _input!.HandleAsync(element, ct);

    private StreamStep Open(XmlElement header, string defaultNamespace)
    {
        if (_phase is not (Phase.Start or Phase.Authenticated))
        {
            throw new StreamErrorException(StreamError.PolicyViolation()); // CORE-030
        }

        if (header.Name is not ("stream" or "open"))
        {
            throw new StreamErrorException(StreamError.NotWellFormed()); // CORE-024: XML, but no stream
        }

        // CORE-022: namespace, then host, then version.
        if (!Transport.IsStreamHeader(header, defaultNamespace))
        {
            throw new StreamErrorException(StreamError.InvalidNamespace);
        }

        Lang = header.Attribute("lang", XmlNames.XmlNamespace) is { Length: > 0 and <= 35 } lang ? lang : _server.General.Language;
        if (!Jid.TryParse(header.Attribute("to"), out var to) || !to.IsDomain || !_server.Domains.TryFindAccounts(to.Domain, out var domain)
            || (Account is not null && domain.Jid.Domain != Account.Domain))
        {
            throw new StreamErrorException(StreamError.HostUnknown);
        }

        Domain = domain;
        if (header.Attribute("version") != "1.0")
        {
            throw new StreamErrorException(StreamError.UnsupportedVersion);
        }

        // COMPAT: Perl's XML::Stream (sendxmpp) says the name of its machine here. A domain is nobody's identity, and claims nothing.
        if (Account is null && Jid.TryParse(header.Attribute("from"), out var from) && from.Local is not null)
        {
            ClaimedIdentity = from.Bare;
        }

        EnsureHeader();
        Outbox.Send(Features());
        Progress++;
        _phase = Account is null ? Phase.BeforeAuthentication : Phase.Binding;
        return StreamStep.Continue;
    }

    private void EnsureHeader()
    {
        if (_headerSent && _phase is not Phase.Authenticated)
        {
            return;
        }

        if (_headerSent)
        {
            Id = RandomId.Create();
        }

        _headerSent = true;
        Outbox.Send(new StreamHeader(
            Domain?.Jid.Domain ?? _server.General.DefaultServerDomain,
            (Account ?? ClaimedIdentity)?.ToString(),
            Id,
            Lang.Length == 0 ? _server.General.Language : Lang));
    }

    private XmlElement Features()
    {
        var features = new XmlBuilder("features", Ns.Stream);
        var host = Domain!.Host;
        var phase = FeaturePhase.BeforeAuthentication;
        if (Account is null)
        {
            if (Transport.CanStartTls)
            {
                features.Start("starttls", Ns.Tls);
                if (Profile.RequiresTls)
                {
                    features.Element("required");
                }

                features.End();
                if (Profile.RequiresTls)
                {
                    return features.Build(); // CORE-059
                }
            }

            _authentication.AddFeatures(features);
        }
        else
        {
            phase = FeaturePhase.AfterAuthentication;
            features.Element("bind", Ns.Bind, null);
            if (Profile.OffersSession)
            {
                features.Start("session", Ns.Session).Element("optional").End();
            }
        }

        foreach (var (when, make) in host.StreamFeatures)
        {
            if ((when & phase) != 0 && make(this) is { } feature)
            {
                features.Add(feature);
            }
        }

        return features.Build();
    }

    private ValueTask<StreamStep> NegotiateAsync(XmlElement element, CancellationToken ct)
    {
        switch (_phase)
        {
            case Phase.BeforeAuthentication when element.Name == "starttls":
                return new ValueTask<StreamStep>(StartTls(element));
            case Phase.BeforeAuthentication when element.Name is "auth" or "response" or "abort":
                Progress++; // not without end: attempts are counted
                return _authentication.HandleAsync(element, ct);
            case Phase.BeforeAuthentication when Profile.RequiresTls && Transport.CanStartTls:
                return new ValueTask<StreamStep>(StreamStep.Continue); // CORE-048
            case Phase.BeforeAuthentication when element.Is("iq", Ns.Client):
                return HandleIqAsync(element, ct);
            case Phase.Binding when element.Is("iq", Ns.Client):
                Progress++;
                return _binding.HandleAsync(element, ct);
            case Phase.BeforeAuthentication or Phase.Binding when !StanzaReader.IsStanza(element):
                return HandleNonzaAsync(element, null, ct);
            case Phase.Start:
                throw new StreamErrorException(StreamError.NotWellFormed());
            default:
                return new ValueTask<StreamStep>(StreamStep.Continue); // CORE-048
        }
    }

    private StreamStep StartTls(XmlElement element)
    {
        if (!element.IsIn(Ns.Tls))
        {
            throw new StreamErrorException(StreamError.InvalidNamespace); // CORE-032
        }

        if (!Transport.CanStartTls)
        {
            Send(new XmlBuilder("failure", Ns.Tls).Build());
            Outbox.Finish(null);
            return StreamStep.Close;
        }

        Send(new XmlBuilder("proceed", Ns.Tls).Build());
        return StreamStep.StartTls;
    }

    private async ValueTask<StreamStep> HandleIqAsync(XmlElement element, CancellationToken ct)
    {
        var iq = (Iq)StanzaReader.Read(element, null, Domain!.Jid)!;
        if (!iq.IsRequest || iq.Payload is not { } payload || !Domain.Host.StreamIqs.TryGetValue(payload.Namespace, out var handler))
        {
            return StreamStep.Continue; // CORE-048
        }

        IqReply reply;
        try
        {
            reply = iq.IsValid ? await handler(new StreamIqRequest(this, iq, payload), ct) : IqReply.Error(StanzaError.BadRequest());
        }
        catch (Exception failure) when (failure is not (StreamErrorException or OperationCanceledException))
        {
            StreamLog.IqFailed(_log, failure, payload.Namespace, Id);
            reply = IqReply.Error(StorageFailure.ErrorFor(failure));
        }

        if (!reply.IsDeferred)
        {
            Outbox.Send(reply.Failure is { } error ? StanzaReplies.ErrorFor(iq, error)! : Iq.Result(iq, reply.Payload));
        }

        if (reply.Afterwards is { } afterwards)
        {
            await afterwards();
        }

        return StreamStep.Continue;
    }

    /// <summary>Ends the stream without an error, and its session for good: it does not wait for resumption.</summary>
    public async ValueTask<StreamStep> CloseAsync(CancellationToken ct)
    {
        Outbox.Finish(null);
        await EndAsync(SessionEnd.Closed, ct);
        return StreamStep.Close;
    }

    private async ValueTask EndAsync(SessionEnd end, CancellationToken ct)
    {
        var session = _phase is Phase.Bound ? Session : null;
        _phase = Phase.Ended;
        if (session is not null)
        {
            await session.EndAsync(end, ct);
        }

        Outbox.Close();
    }
}
