using System.Collections;
using System.Text.RegularExpressions;

namespace Meerkat.Core.Configuration;

/// <summary>One key of a configuration as it was loaded.</summary>
/// <param name="Key">Its dotted path; items of lists have their number: <c>listen.http[0].port</c>.</param>
/// <param name="Value">As the file would write it; null for a secret, which is never told.</param>
/// <param name="IsSecret">Whether it is a secret that is set.</param>
/// <param name="IsDefault">Whether it is what it would be if nobody had set it.</param>
public sealed record ConfigEntry(string Key, string? Value, bool IsSecret, bool IsDefault);

/// <summary>Lists what options records hold, without their secrets, for administrators.</summary>
/// <remarks>A secret is what its record says is one (<see cref="SecretAttribute"/>), and in an address what stands before the host. What is absent is left out.</remarks>
public static partial class ConfigListing
{
    private const int MaxDepth = 16;

    /// <summary>Lists a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="path">The path of its table.</param>
    /// <returns>Its keys with those of the tables below it, in the order in which records declare them.</returns>
    public static IReadOnlyList<ConfigEntry> Of(object record, string path)
    {
        var entries = new List<ConfigEntry>();
        AddRecord(entries, record, path, 0);
        return entries;
    }

    /// <summary>Lists the sections of a record of records: one for each table that it holds.</summary>
    /// <returns>Section names with their keys; a section without any is left out.</returns>
    public static IReadOnlyList<(string Section, IReadOnlyList<ConfigEntry> Entries)> SectionsOf(object record)
    {
        var sections = new List<(string, IReadOnlyList<ConfigEntry>)>();
        var defaults = DefaultsOf(record.GetType());
        foreach (var property in ConfigNaming.Settable(record.GetType()))
        {
            var entries = new List<ConfigEntry>();
            Add(entries, property.GetValue(record), defaults is null ? null : property.GetValue(defaults), ConfigFacts.Of(property), ConfigNaming.KeyOf(property), 0);
            if (entries.Count > 0)
            {
                sections.Add((ConfigNaming.KeyOf(property), entries));
            }
        }

        return sections;
    }

    private static void AddRecord(List<ConfigEntry> entries, object record, string path, int depth)
    {
        var defaults = DefaultsOf(record.GetType());
        foreach (var property in ConfigNaming.Settable(record.GetType()))
        {
            Add(entries, property.GetValue(record), defaults is null ? null : property.GetValue(defaults), ConfigFacts.Of(property), ConfigTable.Join(path, ConfigNaming.KeyOf(property)), depth + 1);
        }
    }

    private static void Add(List<ConfigEntry> entries, object? value, object? normal, ConfigFacts facts, string key, int depth)
    {
        if (depth > MaxDepth || value is ConfigNode)
        {
            return; // what nobody has read has no meaning yet, and may hold anything
        }

        if (facts.Secret)
        {
            if (value is not null)
            {
                entries.Add(new ConfigEntry(key, null, IsSecret: true, IsDefault: false));
            }

            return;
        }

        switch (value)
        {
            case IDictionary named:
                foreach (DictionaryEntry entry in named)
                {
                    Add(entries, entry.Value, null, facts, ConfigTable.Join(key, (string)entry.Key), depth + 1);
                }

                break;
            case not string and IEnumerable list when ConfigWording.ConverterOf(value.GetType()) is null && list.Cast<object?>().Any(item => item is not null && IsTable(item.GetType())):
                var number = 0;
                foreach (var item in list)
                {
                    Add(entries, item, null, facts, $"{key}[{number++}]", depth + 1);
                }

                break;
            case not null when IsTable(value.GetType()):
                AddRecord(entries, value, key, depth);
                break;
            default:
                if (ConfigWording.Write(value, facts) is { } text)
                {
                    entries.Add(new ConfigEntry(key, WithoutUser(text), IsSecret: false, IsDefault: ConfigWording.Write(normal, facts) == text));
                }

                break;
        }
    }

    private static bool IsTable(Type type) =>
        !ConfigScalars.IsScalar(type) && ConfigWording.ConverterOf(type) is null && !type.IsAssignableTo(typeof(IEnumerable)) && !type.IsAssignableTo(typeof(ConfigNode));

    // What required keys would be nobody knows: they count as set.
    private static object? DefaultsOf(Type record)
    {
        try
        {
            return Activator.CreateInstance(record);
        }
        catch (MissingMethodException)
        {
            return null;
        }
    }

    // RFC 3986 §3.2.1: "https://name:password@host"
    private static string WithoutUser(string text) => UserInfo().Replace(text, "://***@");

    [GeneratedRegex("://[^/@\\s\"]+@")]
    private static partial Regex UserInfo();
}
