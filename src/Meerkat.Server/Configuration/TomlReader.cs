using System.Text;
using Meerkat.Core.Configuration;
using Tomlyn;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Meerkat.Server.Configuration;

/// <summary>Reads TOML into the configuration tree. All that is known of Tomlyn is here.</summary>
internal sealed class TomlReader
{
    private readonly string _file;
    private readonly ConfigErrors _errors;

    private TomlReader(string file, ConfigErrors errors)
    {
        _file = file;
        _errors = errors;
    }

    /// <summary>Reads a file's content.</summary>
    /// <param name="utf8">The content; a byte order mark is tolerated.</param>
    /// <param name="file">The file's name, for positions.</param>
    /// <param name="errors">Gets every syntax error (CONF-019).</param>
    /// <returns>The tree, or null when the content is not TOML. Never throws for any content.</returns>
    public static ConfigTable? Read(ReadOnlySpan<byte> utf8, string file, ConfigErrors errors)
    {
        utf8 = utf8.StartsWith(Encoding.UTF8.Preamble) ? utf8[Encoding.UTF8.Preamble.Length..] : utf8;
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(utf8);
        }
        catch (DecoderFallbackException e)
        {
            var line = utf8[..Math.Clamp(e.Index, 0, utf8.Length)].Count((byte)'\n') + 1;
            errors.Add(new(file, line, 1), "", "is not UTF-8", "toml_parsing_failed");
            return null;
        }

        return new TomlReader(file, errors).Read(text);
    }

    private ConfigTable? Read(string text)
    {
        DocumentSyntax document;
        try
        {
            document = SyntaxParser.Parse(text, _file, validate: true);
        }
        catch (TomlException e)
        {
            _errors.Add(new(_file, 0, 0), "", $"is not TOML: {e.Message}", "toml_parsing_failed");
            return null;
        }

        if (document.HasErrors)
        {
            foreach (var fault in document.Diagnostics.Where(d => d.Kind is DiagnosticMessageKind.Error))
            {
                _errors.Add(PositionOf(fault.Span), "", $"is not TOML: {fault.Message}", "toml_parsing_failed");
            }

            return null;
        }

        var root = new ConfigTableBuilder("", new(_file, 1, 1));
        Guarded(document, () => Fill(root, document.KeyValues));
        foreach (var table in document.Tables)
        {
            Guarded(table, () => Fill(Open(root, table), table.Items));
        }

        return _errors.HasErrors ? null : root.Build();
    }

    // The parser has refused most contradictions (a key set twice); what it lets through, the builder does not.
    private void Guarded(SyntaxNodeBase at, Action fill)
    {
        try
        {
            fill();
        }
        catch (InvalidOperationException e)
        {
            _errors.Add(PositionOf(at.Span), "", $"is not TOML: {e.Message}", "toml_parsing_failed");
        }
    }

    private ConfigTableBuilder Open(ConfigTableBuilder root, TableSyntaxBase table)
    {
        var (keys, at) = KeysOf(table.Name!);
        var parent = keys.SkipLast(1).Aggregate(root, (t, key) => t.Table(key, at));
        return table is TableArraySyntax ? parent.Append(keys[^1], at) : parent.Table(keys[^1], at);
    }

    private void Fill(ConfigTableBuilder table, IEnumerable<KeyValueSyntax> entries)
    {
        foreach (var entry in entries)
        {
            var (keys, at) = KeysOf(entry.Key!);
            var holder = keys.SkipLast(1).Aggregate(table, (t, key) => t.Table(key, at));
            if (entry.Value is InlineTableSyntax inline)
            {
                // "{}" is a table too, so that it is opened even when nothing follows.
                Fill(holder.Table(keys[^1], at), inline.Items.Select(i => i.KeyValue!));
            }
            else
            {
                holder.Set(keys[^1], ToNode(entry.Value!, holder.PathOf(keys[^1]), at), at);
            }
        }
    }

    private ConfigNode ToNode(ValueSyntax value, string path, ConfigPosition at)
    {
        switch (value)
        {
            case ArraySyntax array:
                return new ConfigArray(path, at, [.. array.Items.Select(i => ToNode(i.Value!, path, PositionOf(i.Value!.Span)))]);
            case InlineTableSyntax inline:
                var table = new ConfigTableBuilder(path, at);
                Fill(table, inline.Items.Select(i => i.KeyValue!));
                return table.Build();
            default:
                return new ConfigValue(path, at, value switch
                {
                    StringValueSyntax s => s.Value ?? "",
                    IntegerValueSyntax n => n.Value,
                    FloatValueSyntax d => d.Value,
                    BooleanValueSyntax b => b.Value,
                    DateTimeValueSyntax { Value.Kind: TomlDateTimeKind.OffsetDateTimeByZ or TomlDateTimeKind.OffsetDateTimeByNumber } t => t.Value.DateTime,
                    DateTimeValueSyntax t => t.Value.DateTime.DateTime, // at which moment it is depends on the place
                    _ => throw new InvalidOperationException($"{path} has a value of no known kind."),
                });
        }
    }

    private (IReadOnlyList<string> Keys, ConfigPosition At) KeysOf(KeySyntax key) =>
        ([TextOf(key.Key!), .. key.DotKeys.Select(d => TextOf(d.Key!))], PositionOf(key.Span));

    private static string TextOf(BareKeyOrStringValueSyntax key) =>
        key is StringValueSyntax quoted ? quoted.Value ?? "" : ((BareKeySyntax)key).Key!.Text ?? "";

    private ConfigPosition PositionOf(SourceSpan span) => new(_file, span.Start.Line + 1, span.Start.Column + 1);
}
