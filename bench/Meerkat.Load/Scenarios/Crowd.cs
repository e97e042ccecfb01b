using Meerkat.Load.Client;

namespace Meerkat.Load.Scenarios;

/// <summary>Many users doing the same thing, a bounded number of them at a time.</summary>
internal static class Crowd
{
    /// <summary>Runs <paramref name="one"/> for every number below <paramref name="count"/>; the first failure ends all.</summary>
    public static async Task<T[]> EachAsync<T>(int count, int atOnce, Func<int, CancellationToken, Task<T>> one, CancellationToken ct)
    {
        var results = new T[count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = ct };
        await Parallel.ForAsync(0, count, options, async (i, stop) => results[i] = await one(i, stop));
        return results;
    }

    public static Task<XmppClient[]> LogInAsync(Target target, int count, int atOnce, CancellationToken ct) =>
        EachAsync(count, atOnce, (user, stop) => XmppClient.LogInAsync(target, user, user, stop), ct);

    public static async Task DisposeAsync(IEnumerable<XmppClient> clients)
    {
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }
}
