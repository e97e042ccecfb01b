using GraphQL.Types;
using GraphQLParser.AST;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Admin.GraphQL.Scalars;

/// <summary><c>NonEmptyString</c>: a text of at least one character.</summary>
internal sealed class NonEmptyStringScalar() : TextScalar("NonEmptyString")
{
    /// <inheritdoc/>
    protected override object Read(string text) => text.Length > 0 ? text : throw new ScalarException("empty");
}

/// <summary><c>DateTime</c>: RFC 3339 with a zone; a <see cref="DateTimeOffset"/> in UTC. Written with six digits of a second's fraction.</summary>
internal sealed class DateTimeScalar() : TextScalar("DateTime")
{
    /// <inheritdoc/>
    protected override object Read(string text) =>
        XmppDateTime.TryParse(text, out var moment) ? moment.ToUniversalTime() : throw new ScalarException("failed_to_parse_datetime");

    /// <inheritdoc/>
    protected override object? Write(object value) => ((DateTimeOffset)value).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'");
}

/// <summary>XML that a client wrote.</summary>
/// <param name="Text">As it was written.</param>
/// <param name="Element">The element; one that declares no namespace is in none.</param>
internal sealed record XmlInput(string Text, XmlElement Element);

/// <summary><c>XmlElement</c>: one well-formed element; an <see cref="XmlInput"/> coming in, an <see cref="XmlElement"/> going out.</summary>
internal sealed class XmlElementScalar() : TextScalar("XmlElement")
{
    /// <inheritdoc/>
    protected override object Read(string text)
    {
        try
        {
            return new XmlInput(text, XmlElement.Parse(text));
        }
        catch (XmlFormatException fault)
        {
            throw new ScalarException(fault.Message);
        }
    }
}

/// <summary><c>PosInt</c> and <c>NonNegInt</c>: a whole number that is not too small; an <see cref="int"/>.</summary>
internal sealed class BoundedIntScalar : ScalarGraphType
{
    private readonly int _least;

    /// <summary>Makes one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="least">The least value.</param>
    public BoundedIntScalar(string name, int least)
    {
        Name = name;
        _least = least;
    }

    private string Reason => _least > 0 ? "not positive integer" : "not non-negative integer";

    /// <inheritdoc/>
    public override bool CanParseLiteral(GraphQLValue value) => true;

    /// <inheritdoc/>
    public override object? ParseLiteral(GraphQLValue value) => value switch
    {
        GraphQLNullValue => null,
        GraphQLIntValue number when int.TryParse(number.Value.Span, out var parsed) => Check(parsed),
        GraphQLIntValue number => throw new ScalarException(Name, number.Value.ToString(), Reason),
        _ => throw new ScalarException(Name, value.Kind.ToString(), Reason),
    };

    /// <inheritdoc/>
    public override object? ParseValue(object? value) => value switch
    {
        null => null,
        int number => Check(number),
        long number when number is >= int.MinValue and <= int.MaxValue => Check((int)number),
        _ => throw new ScalarException(Name, value.ToString() ?? "", Reason),
    };

    /// <inheritdoc/>
    public override object? Serialize(object? value) => value switch
    {
        null => null,
        int number => Check(number),
        long number => Check(checked((int)number)),
        _ => throw new ScalarException(Name, value.ToString() ?? "", Reason),
    };

    private int Check(int number) => number >= _least ? number : throw new ScalarException(Name, number.ToString(), Reason);
}
