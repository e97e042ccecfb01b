using GraphQL.Types;
using GraphQLParser.AST;

namespace Meerkat.Admin.GraphQL.Scalars;

/// <summary>A scalar that arrives as a string: its subclass says what the string may be (GraphQL specification §3.5).</summary>
/// <remarks>Immutable once the schema has it. What is refused is a <see cref="ScalarException"/>, whose text names the reason.</remarks>
public abstract class TextScalar : ScalarGraphType
{
    /// <summary>Gives the scalar its name, as the schema files have it.</summary>
    protected TextScalar(string name) => Name = name;

    /// <summary>Reads what a client wrote.</summary>
    /// <exception cref="ScalarException">It is none; the reason is one of the reference's words.</exception>
    protected abstract object Read(string text);

    /// <summary>Writes a value for a client.</summary>
    protected virtual object? Write(object value) => value.ToString();

    /// <inheritdoc/>
    public sealed override object? ParseLiteral(GraphQLValue value) => value switch
    {
        GraphQLNullValue => null,
        GraphQLStringValue text => Parse(text.Value.ToString()),
        _ => throw new ScalarException(Name, Shown(value), "not_a_string"),
    };

    /// <inheritdoc/>
    public sealed override object? ParseValue(object? value) => value switch
    {
        null => null,
        string text => Parse(text),
        _ => throw new ScalarException(Name, value.ToString() ?? "", "not_a_string"),
    };

    /// <inheritdoc/>
    /// <remarks>What is wrong with a literal is said by <see cref="ParseLiteral"/>, with its reason.</remarks>
    public sealed override bool CanParseLiteral(GraphQLValue value) => true;

    /// <inheritdoc/>
    public sealed override object? Serialize(object? value) => value is null ? null : Write(value);

    private static string Shown(GraphQLValue value) => value is GraphQLIntValue number ? number.Value.ToString() : value.Kind.ToString();

    private object Parse(string text)
    {
        try
        {
            return Read(text);
        }
        catch (ScalarException refused)
        {
            throw new ScalarException(Name, text, refused.Reason);
        }
    }
}

/// <summary>A scalar refuses a value: <c>input_coercion</c>.</summary>
public sealed class ScalarException : Exception
{
    /// <summary>With the reason alone; who calls adds scalar and value.</summary>
    public ScalarException(string reason)
        : base(reason) => Reason = reason;

    /// <summary>With all of it.</summary>
    /// <param name="scalar">The scalar's name.</param>
    /// <param name="value">What the client wrote.</param>
    /// <param name="reason">What is wrong with it, in one word.</param>
    public ScalarException(string scalar, string value, string reason)
        : base($"\"{(value.Length > 100 ? value[..100] + "..." : value)}\" is no {scalar}: {reason}") => Reason = reason;

    /// <summary>What is wrong, in one word of the reference's.</summary>
    public string Reason { get; }
}
