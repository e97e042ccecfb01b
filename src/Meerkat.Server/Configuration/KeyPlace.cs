using Meerkat.Core.Configuration;

namespace Meerkat.Server.Configuration;

/// <summary>Finds where a key of one table of an array stands in the file, for mistakes that show only when sections are seen together.</summary>
internal static class KeyPlace
{
    /// <summary>The place of a key.</summary>
    /// <param name="root">The whole file.</param>
    /// <param name="array">The keys that lead to the array of tables.</param>
    /// <param name="entry">Where the table begins: what it was bound from, by which it is found again.</param>
    /// <param name="key">The key in that table.</param>
    /// <returns>The key's place, or the table's where the key is not written.</returns>
    public static ConfigPosition In(ConfigTable root, ReadOnlySpan<string> array, ConfigPosition entry, string key)
    {
        ConfigNode at = root;
        foreach (var step in array)
        {
            if (at is not ConfigTable table || !table.TryGet(step, out var below))
            {
                return entry;
            }

            at = below;
        }

        var own = (at as ConfigArray)?.Items.OfType<ConfigTable>().FirstOrDefault(t => t.Position == entry);
        return own is not null && own.TryGet(key, out var node) ? node.Position : entry;
    }
}
