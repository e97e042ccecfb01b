namespace Meerkat.Architecture.Tests.Plants;

internal sealed record PlantedOptions
{
    public int Read { get; init; }

    public int ReadInALambda { get; init; }

    public int Nobody { get; init; }

    public int OnlyChecked { get; init; }

    public bool IsValid() => OnlyChecked > 0;
}

internal static class PlantedReader
{
    public static Func<Task<int>> Of(PlantedOptions options) => async () =>
    {
        await Task.Yield();
        return options.Read + options.ReadInALambda;
    };
}
