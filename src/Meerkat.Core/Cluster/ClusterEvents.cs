using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Hosts;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Cluster;

/// <summary>Events over the node link.</summary>
/// <remarks>Who joins while something is told may have read the old state before this node knows of it: what was told lately is told to newcomers once more.</remarks>
public sealed class ClusterEvents : IClusterEvents, IDisposable
{
    private const string Namespace = "meerkat:cluster";
    private const int MaxLately = 10_000;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_lately = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Queue<(long At, byte[] Told)> _lately = new();
    private readonly ConcurrentDictionary<string, Func<ClusterEvent, ValueTask>> _ours = new(StringComparer.Ordinal);
    private readonly INodeLink _link;
    private readonly IClusterMembers _members;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private ClusterView _view;
    private ServerContext? _server;

    /// <summary>Tells from here on; hears from <see cref="Start"/> on.</summary>
    /// <param name="link">The way to other nodes.</param>
    /// <param name="members">Which nodes there are.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Told of what goes wrong.</param>
    public ClusterEvents(INodeLink link, IClusterMembers members, TimeProvider time, ILogger<ClusterEvents> log)
    {
        _link = link;
        _members = members;
        _time = time;
        _log = log;
        _view = members.View;
        link.Serve(NodeVerb.Event, (_, body) => HearAsync(body));
    }

    /// <inheritdoc/>
    public ClusterNode Self => _members.Self;

    /// <inheritdoc/>
    public bool IsAlone => _members.View.Nodes.Count < 2;

    /// <inheritdoc/>
    public bool Has(ClusterNode node) => _members.View.Has(node);

    /// <summary>Begins to hear.</summary>
    /// <param name="server">The server whose modules are told.</param>
    public void Start(ServerContext server)
    {
        _server = server;
        _members.Changed += See;
    }

    /// <inheritdoc/>
    public async ValueTask TellAsync(ClusterEvent what)
    {
        var body = Encode(what);
        Keep(body);
        List<Task>? told = null;
        foreach (var node in _members.View.Nodes)
        {
            if (node != _members.Self)
            {
                (told ??= []).Add(TellAsync(node, body));
            }
        }

        if (told is not null)
        {
            await Task.WhenAll(told);
        }
    }

    /// <inheritdoc/>
    public void Hear(string topic, Func<ClusterEvent, ValueTask> hear) => _ours[topic] = hear;

    /// <inheritdoc/>
    public void Post(ClusterNode to, ClusterEvent what) => _link.TryPost(to, NodeVerb.Event, Encode(what));

    /// <summary>Follows the members no more.</summary>
    public void Dispose() => _members.Changed -= See;

    private static byte[] Encode(ClusterEvent what)
    {
        var builder = new XmlBuilder("event", Namespace).Attribute("topic", what.Topic).Attribute("about", what.About.ToString());
        if (what.Detail is { } detail)
        {
            builder.Add(detail);
        }

        return builder.Build().ToUtf8();
    }

    private async Task TellAsync(ClusterNode node, byte[] body)
    {
        try
        {
            await _link.AskAsync(node, NodeVerb.Event, body, CancellationToken.None).AsTask().WaitAsync(s_patience, _time);
        }
        catch (Exception failure) when (failure is NodeUnreachableException or NodeRefusedException or TimeoutException)
        {
            if (_members.View.Has(node))
            {
                ClusterLog.NotTold(_log, node, failure.Message);
            }
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>> HearAsync(ReadOnlyMemory<byte> body)
    {
        var element = RegistryCodec.Parse(body.Span).Detach();
        var what = new ClusterEvent(element.Attribute("topic")!, BareJid.Parse(element.Attribute("about")!), element.FirstChild);
        if (_ours.TryGetValue(what.Topic, out var own))
        {
            await TellAsync(own, what);
            return ReadOnlyMemory<byte>.Empty;
        }

        foreach (var host in HostsOf(what.About))
        {
            foreach (var hear in host.Hearing.GetValueOrDefault(what.Topic) ?? [])
            {
                await TellAsync(hear, what);
            }
        }

        return ReadOnlyMemory<byte>.Empty;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of one module: it is logged, and the others still hear.")]
    private async ValueTask TellAsync(Func<ClusterEvent, ValueTask> hear, ClusterEvent what)
    {
        try
        {
            await hear(what);
        }
        catch (Exception failure)
        {
            ClusterLog.NotHeard(_log, failure, what.Topic, what.About);
        }
    }

    // A room's domain is none of accounts: its host type is not worth a look of its own.
    private IEnumerable<HostType> HostsOf(BareJid about) =>
        _server is null ? [] : _server.Domains.TryFindAccounts(about.Domain, out var domain) ? [domain.Host] : _server.Domains.HostTypes;

    private void Keep(byte[] body)
    {
        lock (_gate)
        {
            while (_lately.TryPeek(out var oldest) && (_lately.Count >= MaxLately || _time.GetElapsedTime(oldest.At) > s_lately))
            {
                _lately.Dequeue();
            }

            _lately.Enqueue((_time.GetTimestamp(), body));
        }
    }

    private void See(ClusterView view)
    {
        var before = Interlocked.Exchange(ref _view, view);
        foreach (var node in view.Nodes)
        {
            if (node != _members.Self && !before.Has(node))
            {
                lock (_gate)
                {
                    foreach (var (at, told) in _lately)
                    {
                        if (_time.GetElapsedTime(at) <= s_lately)
                        {
                            _link.TryPost(node, NodeVerb.Event, told);
                        }
                    }
                }
            }
        }
    }
}
