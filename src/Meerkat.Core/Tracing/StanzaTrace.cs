using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Sessions;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Core.Tracing;

/// <summary>Traces: what a client's stanza goes through, from its arrival to its recipients, as spans of the source <see cref="SourceName"/>.</summary>
/// <remarks>
/// <para>While nobody listens to the source a stanza costs one look at a field wherever a span could begin, and nothing else. While somebody does, one stanza in so many is traced
/// (<see cref="Hosts.ServerContext.TraceRatio"/>): it gets a root span, and what it meets adds spans below it; for the others, nothing is made.</para>
/// <para>Spans tell kinds, types, hosts, namespaces and bare addresses. Never a body, a password or a resource. Safe for concurrent use.</para>
/// </remarks>
public static class StanzaTrace
{
    /// <summary>The name of the source, for listeners.</summary>
    public const string SourceName = "Meerkat";

    /// <summary>How many spans one stanza may have: what goes to a thousand occupants of a room is not told a thousand times. Those beyond are counted on the root, as <c>meerkat.spans.dropped</c>.</summary>
    public const int MaxSpans = 512;

    private const string BudgetKey = "budget";
    private const int LongestId = 128;
    private static readonly ActivitySource s_source = new(SourceName, "1.0");

    /// <summary>The span that is under way for a stanza; null when there is none, as always while nobody listens.</summary>
    public static Activity? Current => s_source.HasListeners() ? FindCurrent() : null;

    /// <summary>Whether somebody listens.</summary>
    internal static bool IsOn => s_source.HasListeners();

    /// <summary>Begins a span below the one that is under way. It ends when it is disposed of, in the method that began it.</summary>
    /// <param name="name">What is done: few different names.</param>
    /// <returns>Null when no stanza is being traced here, or when it has <see cref="MaxSpans"/> already.</returns>
    public static Activity? Start(string name) => s_source.HasListeners() && FindCurrent() is { } parent && Take(parent) ? s_source.StartActivity(name) : null;

    /// <summary>Begins a span for work that is done for several stanzas together, behind them: below the first of them, with links to the others. What was under way before is not its parent.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="stanzas">The spans that were under way when the work was ordered; null or empty for none.</param>
    /// <returns>Null when none of the stanzas is traced.</returns>
    public static Activity? StartBatch(string name, IReadOnlyList<Activity>? stanzas)
    {
        if (!s_source.HasListeners())
        {
            return null;
        }

        Activity.Current = null; // whoever began this worker has nothing to do with what it works on now
        return stanzas is { Count: > 0 } ? s_source.StartActivity(name, ActivityKind.Internal, stanzas[0].Context, links: stanzas.Skip(1).Select(other => new ActivityLink(other.Context))) : null;
    }

    /// <summary>Goes on, on another thread, with what was under way elsewhere.</summary>
    /// <param name="stanza">The span that was under way when the work was handed over; null for none.</param>
    /// <remarks>To be called in an asynchronous method, at whose end the caller has its own again.</remarks>
    internal static void Resume(Activity? stanza)
    {
        if (s_source.HasListeners())
        {
            Activity.Current = stanza;
        }
    }

    /// <summary>Begins the root span of a stanza that a client sent. To be called in an asynchronous method, at whose end the caller has its own again.</summary>
    /// <returns>Null when this one is not traced.</returns>
    internal static Activity? StartStanza(XmlElement element, Session session)
    {
        Activity.Current = null; // the HTTP request that it came in is another matter
        var ratio = session.Host.Server.TraceRatio;
        if (ratio < 1 && Sample() >= ratio)
        {
            return null;
        }

        var kind = element.Name;
        var root = s_source.StartActivity($"{kind} {TypeOf(kind, element.Attribute("type"))}", ActivityKind.Server);
        if (root is { IsAllDataRequested: true })
        {
            root.SetCustomProperty(BudgetKey, new Budget());
            Describe(root, element, session);
        }

        return root;
    }

    /// <summary>The stanza has been processed, or could not be.</summary>
    internal static void EndStanza(Activity? root)
    {
        if (root?.GetCustomProperty(BudgetKey) is Budget { Dropped: > 0 and var dropped })
        {
            root.SetTag("meerkat.spans.dropped", dropped);
        }

        root?.Dispose();
    }

    /// <summary>Something failed in a span: it and what it is part of say so, without the words of the error, in which there may be anything.</summary>
    internal static void Fail(Activity? span, Exception failure) => span?.SetStatus(ActivityStatusCode.Error, failure.GetType().Name);

    private static Activity? FindCurrent() =>
        Activity.Current is { IsAllDataRequested: true, IsStopped: false } current && ReferenceEquals(current.Source, s_source) ? current : null;

    // A cheap way to choose is all that is wanted.
    [SuppressMessage("Security", "CA5394:Do not use insecure randomness", Justification = "Which stanza is traced is no secret.")]
    private static double Sample() => Random.Shared.NextDouble();

    private static bool Take(Activity parent)
    {
        while (parent.Parent is { } above)
        {
            parent = above;
        }

        return parent.GetCustomProperty(BudgetKey) is not Budget budget || budget.TryTake();
    }

    private static void Describe(Activity root, XmlElement element, Session session)
    {
        root.SetTag("xmpp.host_type", session.Host.Name);
        root.SetTag("xmpp.stream.id", session.Info.StreamId);
        root.SetTag("xmpp.from", session.Jid.Bare.ToString());
        root.SetTag("xmpp.to", Jid.TryParse(element.Attribute("to"), out var to) ? to.Bare.ToString() : null);
        root.SetTag("xmpp.stanza.id", element.Attribute("id") is { Length: <= LongestId } id ? id : null);
        root.SetTag("xmpp.stanza.size", element.Raw.Length);
        if (element.Name == "iq" && element.FirstChild is { } payload)
        {
            root.SetTag("xmpp.iq.namespace", payload.Namespace);
        }
    }

    // What a client writes there is anything: only what there is becomes a name.
    private static string TypeOf(string kind, string? type) => (kind, type) switch
    {
        ("message", null) => "normal",
        ("presence", null) => "available",
        ("message", "normal" or "chat" or "groupchat" or "headline" or "error") => type,
        ("presence", "unavailable" or "subscribe" or "subscribed" or "unsubscribe" or "unsubscribed" or "probe" or "error") => type,
        ("iq", "get" or "set" or "result" or "error") => type,
        _ => "invalid",
    };

    private sealed class Budget
    {
        private int _taken;

        public int Dropped => Math.Max(0, Volatile.Read(ref _taken) - MaxSpans);

        public bool TryTake() => Interlocked.Increment(ref _taken) <= MaxSpans;
    }
}
