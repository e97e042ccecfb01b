namespace Meerkat.Core.Domains;

/// <summary>Reads a store of domains page by page.</summary>
internal static class DomainPages
{
    /// <summary>How many domains or events are read at once (CORE-242).</summary>
    public const int Size = 1000;

    /// <summary>All domains, by name.</summary>
    public static async Task<IReadOnlyList<DomainRecord>> ListAllAsync(this IDomainStore store, CancellationToken ct)
    {
        var all = new List<DomainRecord>();
        IReadOnlyList<DomainRecord> page;
        do
        {
            page = await store.ListAsync(all.Count == 0 ? null : all[^1].Domain, Size, ct);
            all.AddRange(page);
        }
        while (page.Count == Size);

        return all;
    }
}
