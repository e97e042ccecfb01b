using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Streams;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Core.Sessions;

/// <summary>A session without a client: somebody reads by an interface for programs what comes for an account (GQL-SSE-06, RST-CLIENT-18).</summary>
/// <remarks>
/// It is bound like any other, with priority 1, so that messages to the account reach it; nobody sees a presence of it. It ends when it is disposed, or when the session is ended by others.
/// A reader that is too slow for <see cref="MaxWaiting"/> messages loses the session; what it did not read goes where messages go that a client did not get.
/// </remarks>
public sealed class MessageListener : IAsyncDisposable
{
    /// <summary>How many stanzas may wait for the reader.</summary>
    public const int MaxWaiting = 4096;

    internal const string Transport = "none";

    private readonly Session _session;
    private readonly Inlet _inlet;

    private MessageListener(Session session, Inlet inlet)
    {
        _session = session;
        _inlet = inlet;
    }

    /// <summary>The session's address; its resource is <c>sse-</c> and a random UUID.</summary>
    public FullJid Jid => _session.Jid;

    /// <summary>Opens a session that listens.</summary>
    /// <param name="domain">The account's domain.</param>
    /// <param name="account">The account; that it exists is for the caller to check.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Null when the account may have no session: it is blocked, for example.</returns>
    public static async ValueTask<MessageListener?> OpenAsync(HostedDomain domain, BareJid account, CancellationToken ct)
    {
        var host = domain.Host;
        var jid = account.WithResource($"sse-{Guid.NewGuid():D}");
        if (await host.Hooks.RunAsync(SessionHooks.Opening, new SessionOpening(jid, host, "all"), ct) is HookResult.Stop)
        {
            return null;
        }

        var inlet = new Inlet();
        var session = new Session(jid, host, new SessionInfo(Transport, null, "http", "basic", RandomId.Create()), new Outbox(inlet, host.Server.Time));
        inlet.Overflowed = () => session.Kick(StreamError.ResourceConstraint("nobody reads"));
        session.SetPriority(1);
        await host.Server.Sessions.BindAsync(session, ct);
        var listener = new MessageListener(session, inlet);
        try
        {
            await SessionLimit.EnforceAsync(session, ct);
            await host.Hooks.RunAsync(SessionHooks.Opened, session, ct);
            return listener;
        }
        catch
        {
            await listener.DisposeAsync();
            throw;
        }
    }

    /// <summary>What comes for the account, until the session ends. For one reader.</summary>
    public async IAsyncEnumerable<Message> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        while (await _inlet.Stanzas.ReadAsync(ct) is { } stanza)
        {
            if (stanza is Message message)
            {
                yield return message;
            }
            else if (stanza is Iq { Type: IqType.Get or IqType.Set } iq && StanzaReplies.ErrorFor(iq, StanzaError.ServiceUnavailable()) is { } refusal)
            {
                await _session.Host.Server.Router.RouteAsync(refusal, ct); // RFC 6120 §8.2.3: a request is answered
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _session.EndAsync(SessionEnd.Closed, CancellationToken.None);

    // The outbox writes stanzas into a queue instead of bytes into a socket.
    private sealed class Inlet : ITransport
    {
        // Null is the end. Nothing that was taken is lost: the bound ends the session, and what is left is handed back.
        private readonly Channel<Stanza?> _channel = Channel.CreateUnbounded<Stanza?>();

        public ChannelReader<Stanza?> Stanzas => _channel.Reader;

        public Action? Overflowed { get; set; }

        public TransportFacts Facts { get; } = new(Transport, null, false);

        public bool CanStartTls => false;

        public int Unflushed => 0;

        public bool IsStreamHeader(XmlElement header, string defaultNamespace) => false;

        public void WriteHeader(StreamHeader header)
        {
        }

        public void Write(Stanza stanza)
        {
            _channel.Writer.TryWrite(stanza);
            if (_channel.Reader.Count > MaxWaiting)
            {
                Overflowed?.Invoke();
            }
        }

        public void Write(XmlElement element)
        {
        }

        public void WriteEnd()
        {
        }

        public ValueTask<bool> FlushAsync(CancellationToken ct) => new(true);

        public IReadOnlyList<Stanza> TakeUnsent()
        {
            var left = new List<Stanza>();
            while (_channel.Reader.TryRead(out var stanza))
            {
                if (stanza is not null)
                {
                    left.Add(stanza);
                }
            }

            Abort();

            return left;
        }

        public void Finish() => Abort();

        public void Abort() => _channel.Writer.TryWrite(null);
    }
}
