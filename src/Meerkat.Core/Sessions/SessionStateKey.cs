using Meerkat.Xml;

namespace Meerkat.Core.Sessions;

/// <summary>Identity of a record that a module keeps on sessions.</summary>
public abstract class SessionStateKey
{
    private protected SessionStateKey(string name) => Name = name;

    /// <summary>Name, unique among modules.</summary>
    public string Name { get; }

    internal abstract XmlElement Encode(object state);

    internal abstract object Decode(XmlElement element);
}

/// <summary>An immutable record that a module keeps on sessions, with its codec: a session that is resumed, on this node or another, is rebuilt from it.</summary>
/// <typeparam name="T">The record.</typeparam>
/// <param name="name">Name, unique among modules.</param>
/// <param name="encode">Makes an element of the record.</param>
/// <param name="decode">Makes the record of that element.</param>
public sealed class SessionStateKey<T>(string name, Func<T, XmlElement> encode, Func<XmlElement, T> decode) : SessionStateKey(name)
    where T : class
{
    internal override XmlElement Encode(object state) => encode((T)state);

    internal override object Decode(XmlElement element) => decode(element);
}
