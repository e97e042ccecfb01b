namespace Meerkat.Xmpp;

/// <summary>Puts a data form together, field by field in the order in which a user is to see them.</summary>
/// <remarks>Single use, not thread-safe.</remarks>
public sealed class DataFormBuilder
{
    private readonly DataFormType _type;
    private readonly List<string> _instructions = [];
    private readonly List<DataField> _fields = [];
    private readonly List<DataField> _reported = [];
    private readonly List<IReadOnlyList<DataField>> _items = [];
    private string? _title;

    /// <summary>Starts a form.</summary>
    /// <param name="type">What it is for.</param>
    /// <param name="formType">What its fields mean (XEP-0068), as its first field; null leaves it out.</param>
    public DataFormBuilder(DataFormType type, string? formType = null)
    {
        _type = type;
        if (formType is not null)
        {
            _fields.Add(new DataField(DataForm.FormTypeVar, DataFieldType.Hidden, formType));
        }
    }

    /// <summary>A title for the user.</summary>
    public DataFormBuilder Title(string title)
    {
        _title = title;
        return this;
    }

    /// <summary>One more paragraph of instructions for the user.</summary>
    public DataFormBuilder Instructions(string paragraph)
    {
        _instructions.Add(paragraph);
        return this;
    }

    /// <summary>One more field.</summary>
    public DataFormBuilder Add(DataField field)
    {
        _fields.Add(field);
        return this;
    }

    /// <summary>One more field, with values only.</summary>
    /// <param name="var">Its name.</param>
    /// <param name="type">Its type; null leaves it out.</param>
    /// <param name="values">Its values; none makes an empty field.</param>
    public DataFormBuilder Add(string var, DataFieldType? type, params IReadOnlyList<string> values) => Add(new DataField(var, type, values));

    /// <summary>One more field to be filled in.</summary>
    /// <param name="var">Its name.</param>
    /// <param name="type">Its type.</param>
    /// <param name="label">What the user sees.</param>
    /// <param name="value">What it is set to beforehand; null for nothing.</param>
    /// <param name="required">Whether it must be filled in.</param>
    public DataFormBuilder Ask(string var, DataFieldType type, string label, string? value = null, bool required = false) =>
        Add(new DataField(var, type, value is null ? [] : [value]) { Label = label, IsRequired = required });

    /// <summary>One more choice between options.</summary>
    /// <param name="var">Its name.</param>
    /// <param name="label">What the user sees.</param>
    /// <param name="options">What can be chosen.</param>
    /// <param name="value">What is chosen beforehand; null for nothing.</param>
    public DataFormBuilder Choose(string var, string label, IReadOnlyList<DataOption> options, string? value = null) =>
        Add(new DataField(var, DataFieldType.ListSingle, value is null ? [] : [value]) { Label = label, Options = options });

    /// <summary>One more yes-or-no field.</summary>
    /// <param name="var">Its name.</param>
    /// <param name="label">What the user sees; null leaves it out.</param>
    /// <param name="value">What it is set to.</param>
    public DataFormBuilder Boolean(string var, string? label, bool value) =>
        Add(new DataField(var, DataFieldType.Boolean, value ? "1" : "0") { Label = label });

    /// <summary>One more column of a table of results.</summary>
    public DataFormBuilder Column(string var, DataFieldType type, string? label)
    {
        _reported.Add(new DataField(var, type) { Label = label });
        return this;
    }

    /// <summary>One more row of a table of results.</summary>
    /// <param name="fields">A field for each column (XEP-0004 §3.4).</param>
    public DataFormBuilder Item(params IReadOnlyList<DataField> fields)
    {
        _items.Add(fields);
        return this;
    }

    /// <summary>The form.</summary>
    public DataForm Build() => new(_type, _fields)
    {
        Title = _title,
        Instructions = _instructions,
        Reported = _reported,
        Items = _items,
    };
}
