#pragma warning disable // mistakes on purpose: what the rules have to find, and what they have to let be

namespace Meerkat.Architecture.Tests.Plants.Features.Outer
{
    public interface IOuter
    {
        OuterValue Value { get; }
    }

    public sealed record OuterValue(int Number);

    public sealed record OuterOptions;

    public sealed class OuterModule : Core.Modules.IModule, IOuter
    {
        public OuterValue Value => new(1);

        public void Register(Core.Modules.IModuleRegistry on)
        {
        }
    }

    internal static class Helpful
    {
        private static int s_count;

        public static int Count() => ++s_count;
    }
}

namespace Meerkat.Architecture.Tests.Plants.Features.Inner
{
    using Outer;

    // Lets be: a contract and its value.
    public sealed class ByContract(IOuter outer)
    {
        public OuterValue Read() => outer.Value;
    }

    public sealed class ByField
    {
        private readonly OuterModule _outer = null!;
    }

    public sealed class ByLambda
    {
        public Func<Task<int>> Make() => async () =>
        {
            await Task.Yield();
            return Helpful.Count();
        };
    }

    public sealed class ByOptions
    {
        public object Make() => new OuterOptions();
    }
}
