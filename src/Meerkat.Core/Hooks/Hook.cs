namespace Meerkat.Core.Hooks;

/// <summary>What a handler says about the rest of the chain.</summary>
public enum HookResult
{
    /// <summary>Go on with the next slot.</summary>
    Continue,

    /// <summary>Nothing after this handler runs; whoever stopped has answered or dropped the stanza itself (CORE-131).</summary>
    Stop,
}

/// <summary>A handler of a hook.</summary>
/// <typeparam name="TContext">What the hook is about.</typeparam>
public delegate ValueTask<HookResult> HookHandler<in TContext>(TContext context, CancellationToken ct);

/// <summary>The identity of a hook: a place where modules take part, with a fixed list of named slots.</summary>
public abstract class Hook
{
    private static int s_count;

    private protected Hook(string name)
    {
        Name = name;
        Index = Interlocked.Increment(ref s_count) - 1;
    }

    /// <summary>Name for errors, logs and traces.</summary>
    public string Name { get; }

    /// <summary>Position in a <see cref="HookTable"/>.</summary>
    internal int Index { get; }

    /// <summary>How many hooks there are so far.</summary>
    internal static int Count => Volatile.Read(ref s_count);

    internal abstract object Freeze(IReadOnlyDictionary<int, object> bySlot);

    internal abstract string SlotName(int slot);
}

/// <summary>A hook whose handlers run in the order of the slots that <typeparamref name="TSlot"/> lists, until one stops the chain.</summary>
/// <remarks>The order is never a number in a module: it is the enumeration, in one file. Two handlers in one slot fail the start.</remarks>
/// <typeparam name="TContext">What the hook is about.</typeparam>
/// <typeparam name="TSlot">The slots, in order.</typeparam>
/// <param name="name">Name for errors, logs and traces.</param>
public sealed class Hook<TContext, TSlot>(string name) : Hook(name)
    where TSlot : struct, Enum
{
    internal override object Freeze(IReadOnlyDictionary<int, object> bySlot) =>
        bySlot.OrderBy(slot => slot.Key).Select(slot => (HookHandler<TContext>)slot.Value).ToArray();

    internal override string SlotName(int slot) => Enum.GetName(typeof(TSlot), slot) ?? slot.ToString();
}
