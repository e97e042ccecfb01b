using System.Diagnostics.CodeAnalysis;
using Meerkat.Xml;

namespace Meerkat.Xmpp;

/// <summary>One field of a data form: a name and its values, and in a form to be filled out what a user has to know (XEP-0004 §3.2).</summary>
/// <remarks>Immutable and thread-safe. Values are as they were written, in their order; the typed properties read them.</remarks>
public sealed class DataField
{
    /// <summary>Makes a field.</summary>
    /// <param name="var">Its name; null only for <see cref="DataFieldType.Fixed"/>.</param>
    /// <param name="type">Its type; null when not said, as in a submission.</param>
    /// <param name="values">Its values.</param>
    public DataField(string? var, DataFieldType? type, params IReadOnlyList<string> values)
    {
        Var = var;
        Type = type;
        Values = values;
    }

    /// <summary>The name, unique in its form; null only for fixed text.</summary>
    public string? Var { get; }

    /// <summary>The type, or null when not said: then the form that was filled out knows it, else it is text.</summary>
    public DataFieldType? Type { get; }

    /// <summary>The values in their order; empty when there are none.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>What is shown for the name; null when not said.</summary>
    public string? Label { get; init; }

    /// <summary>A description for the user; null when there is none.</summary>
    public string? Description { get; init; }

    /// <summary>Whether a submission must have this field.</summary>
    public bool IsRequired { get; init; }

    /// <summary>What a list field can be set to, in its order.</summary>
    public IReadOnlyList<DataOption> Options { get; init; } = [];

    /// <summary>Children of other namespaces, such as media (XEP-0221), in their order.</summary>
    public IReadOnlyList<XmlElement> Extensions { get; init; } = [];

    /// <summary>The first value, or null when there is none.</summary>
    public string? Value => Values.Count > 0 ? Values[0] : null;

    /// <summary>The values as lines of one text (XEP-0004 §3.3, text-multi).</summary>
    public string Text => string.Join('\n', Values);

    /// <summary>Reads the value as a truth value: <c>1</c> and <c>true</c>, <c>0</c> and <c>false</c>. False when it is neither, or missing.</summary>
    /// <param name="value">What the field says.</param>
    public bool TryGetBoolean(out bool value)
    {
        value = Value is "1" or "true";
        return value || Value is "0" or "false";
    }

    /// <summary>Reads the value as one JID. False when it is none, or missing.</summary>
    /// <param name="jid">The JID, or null.</param>
    public bool TryGetJid([NotNullWhen(true)] out Jid? jid) => Jid.TryParse(Value, out jid);

    /// <summary>Reads all values as JIDs, each once (XEP-0004 §3.3). False when one of them is none.</summary>
    /// <param name="jids">The JIDs in the order of their first appearance.</param>
    public bool TryGetJids(out IReadOnlyList<Jid> jids)
    {
        var seen = new HashSet<Jid>();
        var found = new List<Jid>(Values.Count);
        jids = found;
        foreach (var value in Values)
        {
            if (!Jid.TryParse(value, out var jid))
            {
                jids = [];
                return false;
            }

            if (seen.Add(jid))
            {
                found.Add(jid);
            }
        }

        return true;
    }

    /// <summary>Reads a <c>&lt;field/&gt;</c>.</summary>
    internal static DataField Read(XmlElement field)
    {
        var values = new List<string>();
        var options = new List<DataOption>();
        var extensions = new List<XmlElement>();
        foreach (var child in field.Children)
        {
            if (!child.IsIn(Ns.DataForms))
            {
                extensions.Add(child);
            }
            else if (child.Name == "value")
            {
                values.Add(child.Text);
            }
            else if (child.Name == "option" && child.ChildText("value") is { } value)
            {
                options.Add(new DataOption(value, child.Attribute("label")));
            }
        }

        return new DataField(field.Attribute("var"), DataFormWords.FieldType(field.Attribute("type")), values)
        {
            Label = field.Attribute("label"),
            Description = field.ChildText("desc"),
            IsRequired = field.Child("required") is not null,
            Options = options,
            Extensions = extensions,
        };
    }

    /// <summary>Writes a <c>&lt;field/&gt;</c> into a form.</summary>
    internal void Write(XmlBuilder form)
    {
        form.Start("field")
            .Attribute("var", Var)
            .Attribute("type", Type is { } type ? DataFormWords.Of(type) : null)
            .Attribute("label", Label);
        if (Description is not null)
        {
            form.Element("desc", Description);
        }

        if (IsRequired)
        {
            form.Element("required");
        }

        foreach (var value in Values)
        {
            form.Element("value", value);
        }

        foreach (var option in Options)
        {
            form.Start("option").Attribute("label", option.Label).Element("value", option.Value).End();
        }

        form.Add(Extensions).End();
    }
}
