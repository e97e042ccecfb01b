using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Meerkat.Core.Configuration;
using Meerkat.Server.Configuration;

namespace Meerkat.Server.Tests.Configuration;

/// <summary>The tables of docs/configuration.md, made from the options records and their documentation comments.</summary>
internal static class ConfigurationPage
{
    private static readonly Dictionary<string, XElement> Comments = new[] { "Meerkat.Core.xml", "Meerkat.Connections.xml", "meerkat.xml" }
        .SelectMany(f => XDocument.Load(Path.Combine(AppContext.BaseDirectory, f)).Descendants("member"))
        .ToDictionary(m => m.Attribute("name")!.Value, m => m.Element("summary") ?? new XElement("summary"));

    public static string Tables()
    {
        var page = new StringBuilder();
        foreach (var section in ConfigNaming.Settable(typeof(ConfigurationFile)))
        {
            page.Append($"\n### `{ConfigNaming.KeyOf(section)}`\n\n| Key | Takes | Default | Meaning |\n|---|---|---|---|\n");
            Row(page, ConfigNaming.KeyOf(section), section, null, []);
        }

        Known(page, "Without effect", "Accepted and checked, and listed once at start.", KnownKeyKind.NoEffect);
        Known(page, "Not available", "Refused, unless `--allow-missing` is given. A module is refused only where this build does not have it.", KnownKeyKind.NotAvailable);
        Known(page, "Gone", "Keys of older releases of the reference: an error that says what took their place.", KnownKeyKind.Removed);
        return page.ToString();
    }

    private static void Known(StringBuilder page, string title, string what, KnownKeyKind kind)
    {
        page.Append($"\n## {title}\n\n{what}\n\n| Key | Because |\n|---|---|\n");
        foreach (var key in KnownKeys.Of(kind))
        {
            page.Append($"| `{key.Path}` | {key.Reason} |\n");
        }
    }

    private static void Row(StringBuilder page, string path, PropertyInfo property, object? owner, Type[] above)
    {
        var facts = ConfigFacts.Of(property);
        var record = RecordOf(property.PropertyType, ref path);
        if (above.Length > 0)
        {
            var given = facts.Mandatory ? "mandatory" : owner is null || property.GetValue(owner) is not { } value ? Absent(facts) : ConfigWording.Write(value, facts) is { } text ? $"`{text}`" : "";
            var takes = ConfigWording.Allowed(property.PropertyType, facts);
            page.Append($"| `{path}` | {takes} | {given} | {Meaning(property)} |\n");
        }

        if (record is null || above.Contains(record) || (record == typeof(Core.Accounts.AuthOptions) && above.Contains(typeof(Core.Hosts.HostConfigOptions))))
        {
            return;
        }

        var defaults = Activator.CreateInstance(record);
        foreach (var key in ConfigNaming.Settable(record))
        {
            Row(page, $"{path}.{ConfigNaming.KeyOf(key)}", key, defaults, [.. above, record]);
        }
    }

    private static string Absent(ConfigFacts facts) => facts.Infinity ? "`\"infinity\"`" : "absent";

    // The record behind a table, a list of tables, or a table of free names; the latter is shown as <name>.
    private static Type? RecordOf(Type type, ref string path)
    {
        if (ConfigWording.ItemOf(type, typeof(IReadOnlyDictionary<,>)) is { } named)
        {
            path += ".<name>";
            type = named;
        }

        type = ConfigWording.ItemOf(type, typeof(IReadOnlyList<>)) ?? type;
        type = Nullable.GetUnderlyingType(type) ?? type;
        return ConfigScalars.IsScalar(type) || type == typeof(ConfigTable) || ConfigWording.ConverterOf(type) is not null ? null : type;
    }

    private static string Meaning(PropertyInfo property)
    {
        if (!Comments.TryGetValue($"P:{property.DeclaringType!.FullName}.{property.Name}", out var summary))
        {
            throw new InvalidOperationException($"{property.DeclaringType.FullName}.{property.Name} has no comment.");
        }

        var text = string.Concat(summary.Nodes().Select(n => n switch
        {
            XText t => t.Value,
            XElement { Name.LocalName: "c" } c => $"`{c.Value}`",
            XElement e => e.Value.Length > 0 ? e.Value : (e.Attribute("cref")?.Value.Split('.')[^1] ?? ""),
            _ => "",
        }));

        // "`key`: what it is" begins each comment; the table has the key already.
        text = Regex.Replace(Regex.Replace(text, @"\s+", " ").Trim(), @"^`[^`]*`(: |\.$)", "");
        return text.Length == 0 ? "" : (char.ToUpperInvariant(text[0]) + text[1..]).Replace("|", "\\|", StringComparison.Ordinal);
    }
}
