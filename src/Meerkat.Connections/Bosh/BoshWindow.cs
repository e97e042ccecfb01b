namespace Meerkat.Connections.Bosh;

/// <summary>The requests of a session that have no answer yet: those that are held, in order, and those that came before their turn (XEP-0124 §14).</summary>
/// <remarks>Not safe for concurrent use: the session's lock protects it.</remarks>
/// <param name="first">The id of the session's first request.</param>
internal sealed class BoshWindow(long first)
{
    private readonly List<BoshHeld> _held = [];
    private readonly BoshKeys _keys = new();
    private SortedList<long, (BoshRequest Request, BoshExchange Exchange)>? _early;

    /// <summary>The last request that was admitted.</summary>
    public long Last { get; private set; } = first - 1;

    /// <summary>How many are held.</summary>
    public int Count => _held.Count;

    /// <summary>The first that is held. There is one.</summary>
    public BoshHeld First => _held[0];

    /// <summary>Those that are held, in order.</summary>
    public IReadOnlyList<BoshHeld> Held => _held;

    /// <summary>Whether any waits for its answer, or for one before it.</summary>
    public bool IsWaiting => _held.Count > 0 || _early is { Count: > 0 };

    /// <summary>The first that is held and whose answer somebody reads; null when there is none.</summary>
    public BoshHeld? Oldest
    {
        get
        {
            foreach (var held in _held)
            {
                if (!held.Exchange.IsLost)
                {
                    return held;
                }
            }

            return null;
        }
    }

    /// <summary>How many there may be: a last one that only ends or restarts is one more.</summary>
    public static int LimitFor(BoshRequest request) => BoshSession.Requests + (request.IsExtra ? 1 : 0);

    /// <summary>The one that is held and comes again; null when it is not held, or has another key.</summary>
    public BoshHeld? Find(BoshRequest request) => _held.Find(held => held.Rid == request.Rid && held.Key == request.Key);

    /// <summary>Keeps a request until those before it came.</summary>
    public void KeepEarly(BoshRequest request, BoshExchange exchange)
    {
        _early ??= [];
        if (_early.Remove(request.Rid, out var again))
        {
            again.Exchange.Complete(BoshWriter.Superseded);
        }

        _early[request.Rid] = (request, exchange);
    }

    /// <summary>The next in order, when it has come before.</summary>
    public bool TryTakeEarly(out (BoshRequest Request, BoshExchange Exchange) next)
    {
        next = default;
        return _early is not null && _early.Remove(Last + 1, out next);
    }

    /// <summary>Whether a request's key is the one that must follow (XEP-0124 §15.5).</summary>
    public bool HasKey(BoshRequest request) => _keys.TryAdvance(request.Key, request.NewKey);

    /// <summary>Holds the next request.</summary>
    public void Hold(BoshRequest request, BoshExchange exchange, TimeSpan now)
    {
        Last = request.Rid;
        _held.Add(new BoshHeld(request.Rid, request.Key, exchange, now));
    }

    /// <summary>One has its answer.</summary>
    public void Remove(BoshHeld held) => _held.Remove(held);

    /// <summary>The session is over: those that are held were answered, the others are told.</summary>
    public void Clear()
    {
        _held.Clear();
        foreach (var (_, exchange) in _early?.Values ?? [])
        {
            exchange.Complete(BoshWriter.Terminate(BoshCondition.ItemNotFound));
        }

        _early = null;
    }
}
