using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Connections.Bosh;

/// <summary>What was written to a session and waits for a request to answer.</summary>
/// <remarks>Not safe for concurrent use: the session's lock protects it.</remarks>
internal sealed class BoshBacklog
{
    // So much may wait before the writer does, in whose outbox it is counted and bounded.
    private const int PauseAt = 64 * 1024;

    private List<object> _items = [];
    private TaskCompletionSource? _drained;
    private int _size;

    /// <summary>About how many bytes wait. Safe to read without the lock.</summary>
    public int Size => Volatile.Read(ref _size);

    /// <summary>Whether the stream has ended, so that the next answer is the last.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Whether it ended with an error.</summary>
    public bool HasError { get; private set; }

    /// <summary>Whether there is an answer to give. An error waits for the end that follows it: it belongs into the body that says so (XEP-0206 §7).</summary>
    public bool IsReady => IsEnded || (_items.Count > 0 && !HasError);

    /// <summary>Something to send.</summary>
    /// <param name="item">A <see cref="Stanza"/> or an <see cref="XmlElement"/>.</param>
    /// <param name="size">About how many bytes it has.</param>
    public void Add(object item, int size)
    {
        HasError |= item is XmlElement element && element.Is("error", Ns.Stream);
        _items.Add(item);
        _size += size;
    }

    /// <summary>Nothing comes any more.</summary>
    public void End() => IsEnded = true;

    /// <summary>Completes when the writer may go on.</summary>
    public Task ReadyAsync()
    {
        if (_size <= PauseAt)
        {
            return Task.CompletedTask;
        }

        _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _drained.Task;
    }

    /// <summary>Takes all that waits.</summary>
    public (List<object> Items, int Size) Take()
    {
        var taken = (_items, _size);
        _items = new List<object>(1);
        _size = 0;
        Release();
        return taken;
    }

    /// <summary>Takes the stanzas that wait; what is of the stream itself stays.</summary>
    public IEnumerable<Stanza> TakeStanzas()
    {
        Stanza[] stanzas = [.. _items.OfType<Stanza>()];
        _items.RemoveAll(item => item is Stanza);
        _size = 0;
        Release();
        return stanzas;
    }

    /// <summary>The writer goes on, whatever waits: it may have an end to send yet, or nobody takes anything any more.</summary>
    public void Release()
    {
        _drained?.TrySetResult();
        _drained = null;
    }
}
