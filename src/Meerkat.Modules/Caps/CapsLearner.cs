using System.Collections.Concurrent;
using Meerkat.Core.Hosts;
using Meerkat.Core.Routing;
using Meerkat.Core.Sessions;
using Meerkat.Modules.Disco;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Caps;

/// <summary>Finds out what hashes stand for, by asking a client that announced them and checking its answer (CAP-002). Safe for concurrent use.</summary>
/// <remarks>Of many clients that announce the same unknown hash at once, one is asked; if it cannot prove the hash, each of the others is.</remarks>
internal sealed class CapsLearner(ServerContext server, TimeSpan timeout, ILogger log)
{
    private readonly VerifiedFeatures _known = new();
    private readonly ConcurrentDictionary<(CapsVersion, string, string), Task> _asked = new();

    /// <summary>The features of a session that announced hashes; null when it proves none of them.</summary>
    public async ValueTask<IReadOnlyList<string>?> LearnAsync(Session session, IReadOnlyList<CapsHash> hashes, CancellationToken ct)
    {
        if (FindKnown(hashes) is { } known)
        {
            return known;
        }

        foreach (var hash in hashes)
        {
            if (await ProveAsync(session, hash, ct) is { } features)
            {
                return features;
            }
        }

        return null;
    }

    /// <summary>The features of the first hash that is known; null when none is.</summary>
    public IReadOnlyList<string>? FindKnown(IReadOnlyList<CapsHash> hashes)
    {
        foreach (var hash in hashes)
        {
            if (_known.Find(hash) is { } features)
            {
                return features;
            }
        }

        return null;
    }

    private async ValueTask<IReadOnlyList<string>?> ProveAsync(Session session, CapsHash hash, CancellationToken ct)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = _asked.GetOrAdd(hash.Key, done.Task);
        if (running != done.Task)
        {
            await running;
            return _known.Find(hash) ?? await AskAsync(session, hash, ct);
        }

        try
        {
            return _known.Find(hash) ?? await AskAsync(session, hash, ct);
        }
        finally
        {
            _asked.TryRemove(hash.Key, out _);
            done.SetResult();
        }
    }

    private async ValueTask<IReadOnlyList<string>?> AskAsync(Session session, CapsHash hash, CancellationToken ct)
    {
        var request = Iq.Create(
            IqType.Get, session.Jid.Bare.DomainJid, session.Jid, IqTracker.NewId(), new XmlBuilder("query", Ns.DiscoInfo).Attribute("node", hash.Node).Build());
        var answer = await server.Iqs.AskAsync(
            request,
            iq =>
            {
                session.Reply(iq); // the server's own question: no list of the user's is asked
                return ValueTask.CompletedTask;
            },
            timeout,
            ct);
        if (answer is not { Type: IqType.Result, Payload: { } payload } || DiscoInfo.Read(payload) is not { } info)
        {
            return null;
        }

        if (!hash.Verifies(info, payload.Attribute("lang", XmlNames.XmlNamespace) ?? answer.Lang))
        {
            CapsLog.NotProved(log, session.Jid, hash.Algorithm, hash.Value);
            return null;
        }

        _known.Add(hash, info.Features);
        return info.Features;
    }
}
