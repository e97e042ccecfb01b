using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Meerkat.Connections.Clients;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Testing;

/// <summary>A client that says what a test tells it to and shows what it got. Not safe for concurrent use.</summary>
public sealed partial class TestClient : IAsyncDisposable
{
    // Real time: only a test that fails waits so long.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly string _domain;
    private readonly TestLog? _log;
    private readonly ClientConnection? _connection;
    private IDuplexPipe _pipe;
    private readonly XmlFramer _framer = new(XmlLimits.Default with { MaxElementBytes = 16 * 1024 * 1024 });
    private ReadOnlySequence<byte> _unread;
    private int _marks;

    internal TestClient(TestServer server, IDuplexPipe pipe, ClientConnection connection)
        : this(pipe, server.Domain, server.Log) => _connection = connection;

    private TestClient(IDuplexPipe pipe, string domain, TestLog? log)
    {
        _pipe = pipe;
        _domain = domain;
        _log = log;
    }

    /// <summary>The server's side, where the client talks to it over a pipe in memory.</summary>
    public ClientConnection Connection => _connection ?? throw new InvalidOperationException("the server is at the other end of a socket");

    /// <summary>How long it waits for the next frame; 30 s unless it was set.</summary>
    public TimeSpan Patience { get; set; } = s_patience;

    /// <summary>The bound address; empty before.</summary>
    public string Jid { get; private set; } = "";

    /// <summary>The bare address; empty before a resource is bound.</summary>
    public string BareJid => Jid.Split('/')[0];

    /// <summary>The server's next bytes open a new stream.</summary>
    public void ExpectNewStream() => _framer.Reset();

    /// <summary>Opens the stream, authenticates with PLAIN and opens it again.</summary>
    /// <returns>The features after authentication.</returns>
    public async Task<XmlElement> LogInAsync(string name, string domain, string password)
    {
        await OpenStreamAsync(domain);
        var payload = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{name}\0{password}"));
        await SendAsync($"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{payload}</auth>");
        await ExpectAsync("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        return await OpenStreamAsync(domain);
    }

    /// <summary>Sends a stream header and waits for the server's and for its features.</summary>
    /// <returns>The features.</returns>
    public async Task<XmlElement> OpenStreamAsync(string? domain = null)
    {
        _framer.Reset();
        await SendAsync($"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='{domain ?? _domain}'>");
        await ReceiveHeaderAsync();
        var features = await ReceiveAsync();
        Assert.True(features.Is("features", Ns.Stream), features.ToString());
        return features;
    }

    /// <summary>Binds a resource.</summary>
    public async Task BindAsync(string? resource = null)
    {
        var wanted = resource is null ? "" : $"<resource>{resource}</resource>";
        await SendAsync($"<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>{wanted}</bind></iq>");
        var result = await ReceiveAsync();
        Jid = result.Child("bind", Ns.Bind)?.ChildText("jid") ?? throw new InvalidOperationException($"not bound: {result}");
    }

    /// <summary>Sends presence and waits until it came back (CORE-160): the session is available then.</summary>
    public async Task BecomeAvailableAsync(string presence = "<presence/>")
    {
        await SendAsync(presence);
        await ReceiveAsync(element => element.Name == "presence" && element.Attribute("from") == Jid);
    }

    /// <summary>Sends XML.</summary>
    public async Task SendAsync(string xml) => await SendAsync(Encoding.UTF8.GetBytes(xml));

    /// <summary>Sends bytes.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _pipe.Output.WriteAsync(bytes);

    /// <summary>Ends the transport without a word.</summary>
    public async Task DropAsync()
    {
        await _pipe.Output.CompleteAsync();
        await _pipe.Input.CompleteAsync();
    }

    /// <summary>The next frame; null at the end of the transport.</summary>
    public async Task<XmlFrame?> ReceiveFrameAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            // One frame at a time: what follows may belong to a new stream.
            if (_framer.TryRead(ref _unread, out var frame))
            {
                return frame;
            }

            ReadResult read;
            try
            {
                read = await _pipe.Input.ReadAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"{Jid} got nothing; the server logged: {_log}");
            }

            _unread = new ReadOnlySequence<byte>(read.Buffer.ToArray());
            _pipe.Input.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted && _unread.IsEmpty)
            {
                return null;
            }
        }
    }

    /// <summary>The server's stream header.</summary>
    public async Task<XmlElement> ReceiveHeaderAsync()
    {
        var frame = await ReceiveFrameAsync();
        Assert.True(frame?.Kind is XmlFrameKind.StreamStart, $"expected a stream header, got {frame?.Kind} {(frame?.Kind is XmlFrameKind.Element ? frame.Value.Element : default)}");
        return frame!.Value.Element;
    }

    /// <summary>The next element.</summary>
    public async Task<XmlElement> ReceiveAsync()
    {
        var frame = await ReceiveFrameAsync();
        Assert.True(frame?.Kind is XmlFrameKind.Element, $"{Jid} expected an element, got {frame?.Kind.ToString() ?? "the end"}");
        return frame!.Value.Element;
    }

    /// <summary>The next element that fits; what comes before it is passed over.</summary>
    public async Task<XmlElement> ReceiveAsync(Func<XmlElement, bool> fits)
    {
        while (true)
        {
            var element = await ReceiveAsync();
            if (fits(element))
            {
                return element;
            }
        }
    }

    /// <summary>The next element, which must fit a pattern: its name, attributes, text and children have to be there; other attributes and children may be too.</summary>
    public async Task<XmlElement> ExpectAsync(string pattern)
    {
        var element = await ReceiveAsync();
        Assert.True(Fits(element, XmlElement.Parse(pattern, Ns.Client)), $"expected {pattern}\ngot      {element}");
        return element;
    }

    /// <summary>Sends a request and waits for its answer; what comes before it is passed over.</summary>
    /// <param name="iq">The stanza, without an id.</param>
    public async Task<XmlElement> AskAsync(string iq)
    {
        var id = $"ask{++_marks}";
        await SendAsync(iq.Replace("<iq ", $"<iq id='{id}' ", StringComparison.Ordinal));
        return await ReceiveAsync(element => element.Name == "iq" && element.Attribute("id") == id && element.Attribute("type") is "result" or "error");
    }

    /// <summary>Makes sure that the server has handled everything sent so far and that nothing came: a request's answer is the very next element.</summary>
    public async Task ExpectNothingAsync()
    {
        var id = $"mark{++_marks}";
        await SendAsync($"<iq type='get' id='{id}' to='{_domain}/none'><mark xmlns='meerkat:test'/></iq>");
        var element = await ReceiveAsync();
        Assert.True(element.Attribute("id") == id, $"{Jid} expected nothing, got {element}");
    }

    /// <summary>Expects a stream error, the end of the stream and the end of the transport.</summary>
    public async Task<XmlElement> ExpectStreamErrorAsync(string condition)
    {
        var error = await ReceiveAsync(element => element.Is("error", Ns.Stream));
        Assert.True(error.Child(condition, Ns.StreamErrors) is not null, $"expected {condition}, got {error}");
        Assert.Equal(XmlFrameKind.StreamEnd, (await ReceiveFrameAsync())?.Kind);
        await ExpectEndAsync();
        return error;
    }

    /// <summary>Expects the end of the transport; elements and the end of the stream before it are passed over.</summary>
    public async Task ExpectEndAsync()
    {
        while (await ReceiveFrameAsync() is not null)
        {
        }
    }

    /// <summary>Whether an element has all that a pattern has.</summary>
    public static bool Fits(XmlElement element, XmlElement pattern)
    {
        if (!element.Is(pattern.Name, pattern.Namespace) || (pattern.Text.Trim().Length > 0 && pattern.Text != element.Text))
        {
            return false;
        }

        foreach (var attribute in pattern.Attributes)
        {
            var value = attribute.Namespace.Length == 0 ? element.Attribute(attribute.Name) : element.Attribute(attribute.Name, attribute.Namespace);
            if (value != attribute.Value)
            {
                return false;
            }
        }

        var children = element.Children.ToArray();
        var next = 0;
        foreach (var wanted in pattern.Children)
        {
            while (next < children.Length && !Fits(children[next], wanted))
            {
                next++;
            }

            if (next++ >= children.Length)
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await DropAsync();
        _socket?.Dispose();
    }
}
