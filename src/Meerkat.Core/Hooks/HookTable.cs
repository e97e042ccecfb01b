using System.Runtime.CompilerServices;
using Meerkat.Core.Tracing;

namespace Meerkat.Core.Hooks;

/// <summary>The handlers of a host type, frozen: one array for each hook, in slot order. Immutable and safe for concurrent use.</summary>
public sealed class HookTable
{
    private readonly object?[] _handlers;
    private readonly (string Slot, string Owner)[]?[] _names;

    private HookTable(object?[] handlers, (string Slot, string Owner)[]?[] names)
    {
        _handlers = handlers;
        _names = names;
    }

    /// <summary>Whether nobody takes part in a hook: lets a caller skip making its context.</summary>
    public bool IsEmpty(Hook hook) => hook.Index >= _handlers.Length || _handlers[hook.Index] is null;

    /// <summary>Runs the handlers in order until one stops the chain.</summary>
    /// <returns><see cref="HookResult.Stop"/> when one did. Completes synchronously as long as every handler does.</returns>
    public ValueTask<HookResult> RunAsync<TContext, TSlot>(Hook<TContext, TSlot> hook, TContext context, CancellationToken ct)
        where TSlot : struct, Enum
    {
        if (hook.Index >= _handlers.Length || _handlers[hook.Index] is not { } untyped)
        {
            return new ValueTask<HookResult>(HookResult.Continue);
        }

        var handlers = Unsafe.As<HookHandler<TContext>[]>(untyped);
        if (StanzaTrace.Current is not null)
        {
            return TraceAsync(hook, handlers, context, ct);
        }

        for (var i = 0; i < handlers.Length; i++)
        {
            var running = handlers[i](context, ct);
            if (!running.IsCompletedSuccessfully)
            {
                return ContinueAsync(handlers, i, running, context, ct);
            }

            if (running.Result is HookResult.Stop)
            {
                return new ValueTask<HookResult>(HookResult.Stop);
            }
        }

        return new ValueTask<HookResult>(HookResult.Continue);
    }

    private static async ValueTask<HookResult> ContinueAsync<TContext>(
        HookHandler<TContext>[] handlers, int index, ValueTask<HookResult> running, TContext context, CancellationToken ct)
    {
        while (true)
        {
            if (await running is HookResult.Stop)
            {
                return HookResult.Stop;
            }

            if (++index == handlers.Length)
            {
                return HookResult.Continue;
            }

            running = handlers[index](context, ct);
        }
    }

    private async ValueTask<HookResult> TraceAsync<TContext>(Hook hook, HookHandler<TContext>[] handlers, TContext context, CancellationToken ct)
    {
        using var chain = StanzaTrace.Start($"hook {hook.Name}");
        var names = _names[hook.Index]!;
        for (var i = 0; i < handlers.Length; i++)
        {
            using var span = StanzaTrace.Start($"{hook.Name} {names[i].Slot}");
            span?.SetTag("meerkat.module", names[i].Owner);
            try
            {
                if (await handlers[i](context, ct) is HookResult.Stop)
                {
                    chain?.SetTag("meerkat.stopped_by", names[i].Owner);
                    return HookResult.Stop;
                }
            }
            catch (Exception failure)
            {
                StanzaTrace.Fail(span, failure);
                throw;
            }
        }

        return HookResult.Continue;
    }

    /// <summary>Collects handlers while a host type is built.</summary>
    public sealed class Builder
    {
        private readonly Dictionary<Hook, SortedDictionary<int, (object Handler, string Owner)>> _slots = [];

        /// <summary>Puts a handler into a slot.</summary>
        /// <param name="hook">The hook.</param>
        /// <param name="slot">The slot.</param>
        /// <param name="handler">The handler.</param>
        /// <param name="owner">Module key, for the error when the slot is taken.</param>
        /// <exception cref="InvalidOperationException">The slot is taken, or is not one of the hook's.</exception>
        public void Add<TContext, TSlot>(Hook<TContext, TSlot> hook, TSlot slot, HookHandler<TContext> handler, string owner)
            where TSlot : struct, Enum
        {
            if (!Enum.IsDefined(slot))
            {
                throw new InvalidOperationException($"{owner}: hook {hook.Name} has no slot {slot}");
            }

            var slots = _slots.TryGetValue(hook, out var known) ? known : _slots[hook] = [];
            var index = Convert.ToInt32(slot);
            if (slots.TryGetValue(index, out var taken))
            {
                throw new InvalidOperationException($"{owner}: slot {slot} of hook {hook.Name} is already filled by {taken.Owner}");
            }

            slots[index] = (handler, owner);
        }

        /// <summary>The frozen table.</summary>
        public HookTable Build()
        {
            var handlers = new object?[Hook.Count];
            var names = new (string Slot, string Owner)[]?[handlers.Length];
            foreach (var (hook, slots) in _slots)
            {
                handlers[hook.Index] = hook.Freeze(slots.ToDictionary(slot => slot.Key, slot => slot.Value.Handler));
                names[hook.Index] = [.. slots.Select(slot => (hook.SlotName(slot.Key), slot.Value.Owner))]; // both in the order of the slots
            }

            return new HookTable(handlers, names);
        }
    }
}
