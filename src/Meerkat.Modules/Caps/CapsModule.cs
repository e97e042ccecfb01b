using System.Diagnostics.CodeAnalysis;
using Meerkat.Core;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Sessions;
using Meerkat.Modules.Disco;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Caps;

/// <summary>Entity capabilities: a hash stands for what the server can do, and the server knows what its own clients can do.</summary>
/// <remarks>
/// XEP-0115 v1.6.0, XEP-0390 v0.3.2; CAP-001 to CAP-003. What a client announces counts once its service discovery yields the hash. It is kept with the
/// session and ends with it.
/// </remarks>
[Module("mod_caps", Options = typeof(CapsOptions)), Needs("mod_disco")]
[Xep(115, "1.6.0"), Xep(390, "0.3.2"), Xep(300, "1.0.0"), Xep(414, "0.4.0")]
[Announces(Announcer.Server | Announcer.Stream, Ns.Caps, Ns.Caps2)]
[Announces(Announcer.Server, Ns.Hashes, Ns.HashSha256, Ns.HashSha512)]
public sealed class CapsModule : IModule, ICapabilities, IDiscoContributor
{
    private readonly CapsOptions _options;
    private readonly IDisco _disco;
    private readonly ILogger _log;
    private readonly CapsLearner _learner;
    private readonly Lazy<IReadOnlyList<CapsHash>> _own;
    private readonly Lock _gate = new();

    /// <summary>Makes the module for a host type.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="server">The server.</param>
    /// <param name="disco">What the server says about itself.</param>
    /// <param name="log">Its log.</param>
    public CapsModule(CapsOptions options, ServerContext server, IDisco disco, ILogger log)
    {
        _options = options;
        _disco = disco;
        _log = log;
        _learner = new CapsLearner(server, options.IqResponseTimeout, log);
        _own = new Lazy<IReadOnlyList<CapsHash>>(() =>
            [.. options.Versions.Select(version => CapsHash.Of(disco.Server, version, version is CapsVersion.V1 ? "sha-1" : "sha-256", Product.Uri))]);
    }

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        foreach (var version in _options.Versions)
        {
            on.Feature(version is CapsVersion.V1 ? Ns.Caps : Ns.Caps2);
            on.StreamFeature(FeaturePhase.Both, _ => _own.Value.Single(hash => hash.Version == version).ToXml(Product.Uri));
        }

        on.Feature(Ns.Hashes);
        on.Feature(Ns.HashSha256);
        on.Feature(Ns.HashSha512);
        on.SessionState(CapsState.Key);
        on.Hook(PresenceHooks.Sent, PresenceSentSlot.Caps, Sent);
        on.Hook(SessionHooks.Resumed, SessionSlot.Caps, Resumed);
        _disco.Add(this);
        on.Offer<ICapabilities>(this);
    }

    /// <inheritdoc/>
    public IReadOnlyList<string>? FeaturesOf(IBoundSession session) => session.Get(CapsState.Key)?.Features;

    /// <inheritdoc/>
    /// <remarks>The node of the server's current hash says the same as no node (CAP-001).</remarks>
    public ValueTask<DiscoInfo?> InfoAsync(DiscoQuery query, CancellationToken ct) =>
        new(query is { IsServer: true, Node: { } node } && _own.Value.Any(hash => hash.Node == node) ? _disco.Server : null);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<DiscoItem>?> ItemsAsync(DiscoQuery query, CancellationToken ct) => default;

    // Directed presence is for its recipient only, and what a room says is not about the client (CAP-003).
    private ValueTask<HookResult> Sent(PresenceSentContext context, CancellationToken ct)
    {
        var (session, presence) = (context.Session, context.Presence);
        if (presence.To is { } to && !to.Bare.Equals(session.Jid.Bare))
        {
            return new(HookResult.Continue);
        }

        switch (presence.Type)
        {
            case PresenceType.Unavailable:
                session.Set(CapsState.Key, null);
                break;
            case PresenceType.Available when !presence.Has("x", Ns.MucUser):
                Announced(session, CapsHash.Read(presence, _options.Versions));
                break;
        }

        return new(HookResult.Continue);
    }

    private void Announced(Session session, IReadOnlyList<CapsHash> hashes)
    {
        lock (_gate)
        {
            if (hashes is [])
            {
                session.Set(CapsState.Key, null);
                return;
            }

            if (session.Get(CapsState.Key) is { } before && before.Announces(hashes))
            {
                return;
            }

            var known = _learner.FindKnown(hashes);
            session.Set(CapsState.Key, new CapsState(hashes, known));
            if (known is not null)
            {
                return;
            }
        }

        LearnInBackground(session, hashes);
    }

    // The question that the lost connection left unanswered is put again.
    private ValueTask<HookResult> Resumed(Session session, CancellationToken ct)
    {
        if (session.Get(CapsState.Key) is { Features: null } state)
        {
            LearnInBackground(session, state.Hashes);
        }

        return new(HookResult.Continue);
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: it is logged.")]
    private async void LearnInBackground(Session session, IReadOnlyList<CapsHash> hashes)
    {
        try
        {
            if (await _learner.LearnAsync(session, hashes, CancellationToken.None) is not { } features)
            {
                return;
            }

            lock (_gate)
            {
                // Meanwhile the client may have announced something else, or gone.
                if (session.Get(CapsState.Key) is { } state && state.Announces(hashes))
                {
                    session.Set(CapsState.Key, state with { Features = features });
                }
            }
        }
        catch (Exception failure)
        {
            CapsLog.Failed(_log, failure, session.Jid);
        }
    }
}
