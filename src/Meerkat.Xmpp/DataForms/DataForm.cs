using System.Diagnostics.CodeAnalysis;
using Meerkat.Xml;

namespace Meerkat.Xmpp;

/// <summary>A data form: <c>&lt;x xmlns='jabber:x:data'/&gt;</c> (XEP-0004 v2.13.2, XEP-0068 v1.3.0).</summary>
/// <remarks>Immutable and thread-safe. New ones come from a <see cref="DataFormBuilder"/>.</remarks>
public sealed class DataForm
{
    /// <summary>The name of the field that says what the others mean (XEP-0068).</summary>
    public const string FormTypeVar = "FORM_TYPE";

    private readonly Dictionary<string, DataField> _byVar = new(StringComparer.Ordinal);

    internal DataForm(DataFormType type, IReadOnlyList<DataField> fields)
    {
        Type = type;
        Fields = fields;
        foreach (var field in fields)
        {
            if (field.Var is not null)
            {
                _byVar.TryAdd(field.Var, field);
            }
        }
    }

    /// <summary>What the form is for.</summary>
    public DataFormType Type { get; }

    /// <summary>A title for the user; null when there is none.</summary>
    public string? Title { get; init; }

    /// <summary>Instructions for the user, a paragraph each.</summary>
    public IReadOnlyList<string> Instructions { get; init; } = [];

    /// <summary>The fields in their order, <c>FORM_TYPE</c> among them.</summary>
    public IReadOnlyList<DataField> Fields { get; }

    /// <summary>The head of a table of results (XEP-0004 §3.4); empty when the form is no table.</summary>
    public IReadOnlyList<DataField> Reported { get; init; } = [];

    /// <summary>The rows of a table of results, each with its fields.</summary>
    public IReadOnlyList<IReadOnlyList<DataField>> Items { get; init; } = [];

    /// <summary>
    /// What the fields mean, or null when the form does not say. The field counts only when it is hidden; in a submission it need not say so (XEP-0068 §5).
    /// </summary>
    public string? FormType =>
        this[FormTypeVar] is { } told && (told.Type is DataFieldType.Hidden || (told.Type is null && Type is DataFormType.Submit)) ? told.Value : null;

    /// <summary>The field of that name, the first if there are several; null when there is none.</summary>
    public DataField? this[string var] => _byVar.GetValueOrDefault(var);

    /// <summary>The first value of the field of that name; null when there is no such field or it has no value.</summary>
    public string? ValueOf(string var) => this[var]?.Value;

    /// <summary>The values of the field of that name; empty when there is no such field.</summary>
    public IReadOnlyList<string> ValuesOf(string var) => this[var]?.Values ?? [];

    /// <summary>Reads the element. False when it is another one or is of no known type.</summary>
    /// <param name="element">The <c>&lt;x/&gt;</c>.</param>
    /// <param name="form">The form, or null.</param>
    public static bool TryRead(XmlElement element, [NotNullWhen(true)] out DataForm? form)
    {
        form = null;
        if (!element.Is("x", Ns.DataForms) || DataFormWords.FormType(element.Attribute("type")) is not { } type)
        {
            return false;
        }

        var instructions = new List<string>();
        var fields = new List<DataField>();
        IReadOnlyList<DataField> reported = [];
        var items = new List<IReadOnlyList<DataField>>();
        foreach (var child in element.Children)
        {
            if (!child.IsIn(Ns.DataForms))
            {
                continue;
            }

            switch (child.Name)
            {
                case "instructions":
                    instructions.Add(child.Text);
                    break;
                case "field":
                    fields.Add(DataField.Read(child));
                    break;
                case "reported":
                    reported = ReadFields(child);
                    break;
                case "item":
                    items.Add(ReadFields(child));
                    break;
            }
        }

        form = new DataForm(type, fields)
        {
            Title = element.ChildText("title"),
            Instructions = instructions,
            Reported = reported,
            Items = items,
        };
        return true;
    }

    /// <summary>The first form among an element's children that is of that type and means that; null when there is none.</summary>
    /// <param name="parent">The element around the form.</param>
    /// <param name="type">What it must be for.</param>
    /// <param name="formType">What its <see cref="FormType"/> must be; null for any or none.</param>
    public static DataForm? Find(XmlElement parent, DataFormType type, string? formType = null)
    {
        foreach (var child in parent.Children)
        {
            if (TryRead(child, out var form) && form.Type == type && (formType is null || form.FormType == formType))
            {
                return form;
            }
        }

        return null;
    }

    /// <summary>The element.</summary>
    public XmlElement ToXml()
    {
        var x = new XmlBuilder("x", Ns.DataForms).Attribute("type", DataFormWords.Of(Type));
        if (Title is not null)
        {
            x.Element("title", Title);
        }

        foreach (var paragraph in Instructions)
        {
            x.Element("instructions", paragraph);
        }

        WriteFields(x, Fields);
        if (Reported.Count > 0)
        {
            WriteFields(x.Start("reported"), Reported).End(); // before the items, always (XEP-0004 §3.4)
        }

        foreach (var item in Items)
        {
            WriteFields(x.Start("item"), item).End();
        }

        return x.Build();
    }

    private static List<DataField> ReadFields(XmlElement parent)
    {
        var fields = new List<DataField>();
        foreach (var child in parent.Children)
        {
            if (child.Is("field", Ns.DataForms))
            {
                fields.Add(DataField.Read(child));
            }
        }

        return fields;
    }

    private static XmlBuilder WriteFields(XmlBuilder to, IReadOnlyList<DataField> fields)
    {
        foreach (var field in fields)
        {
            field.Write(to);
        }

        return to;
    }
}
