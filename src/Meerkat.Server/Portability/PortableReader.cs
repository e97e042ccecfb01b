using System.Xml;
using Meerkat.Xml;
using Meerkat.Xmpp;
using XmlElement = Meerkat.Xml.XmlElement;

namespace Meerkat.Server.Portability;

/// <summary>Something that stands in a file of accounts.</summary>
internal abstract record PortableEvent;

/// <summary>A user begins: what follows is its.</summary>
/// <param name="Host">The domain, as it is written.</param>
/// <param name="Name">The localpart, as it is written.</param>
/// <param name="Password">The password itself, where the file has it; null otherwise.</param>
internal sealed record UserBegins(string Host, string Name, string? Password) : PortableEvent;

/// <summary>A child of a user, or a child of a container.</summary>
/// <param name="Container">The container; null for a child of the user itself.</param>
/// <param name="Xml">The element.</param>
internal sealed record UserElement(XmlQualifiedName? Container, XmlElement Xml) : PortableEvent;

/// <summary>A user ends.</summary>
internal sealed record UserEnds : PortableEvent;

/// <summary>Something that is passed over, and why.</summary>
/// <param name="What">For a person.</param>
internal sealed record PassedOver(string What) : PortableEvent;

/// <summary>Reads files of accounts (XEP-0227 v1.1) from begin to end, holding one element at a time: of any length in constant memory.</summary>
/// <remarks>
/// A file may include others (XInclude) that lie in its folder or below: nothing else is opened, whatever the file says (XEP-0227 §8). There are no document types and no entities of a file's own.
/// </remarks>
/// <param name="isContainer">Which children of a user are containers, whose children come one by one.</param>
internal sealed class PortableReader(Predicate<XmlQualifiedName> isContainer)
{
    private const int MaxIncludes = 8;

    private static readonly XmlReaderSettings s_settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        CloseInput = true,
    };

    private enum Level
    {
        Document,
        Server,
        Host,
        User,
        Container,
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">The file is no such file: the message says where and why.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public IEnumerable<PortableEvent> Read(string path)
    {
        var whole = Path.GetFullPath(path);
        return Guarded(whole, ReadFile(new Place(whole, Path.GetDirectoryName(whole)!, 0), Level.Document, new Context()));
    }

    private static IEnumerable<PortableEvent> Guarded(string path, IEnumerable<PortableEvent> events)
    {
        using var all = events.GetEnumerator();
        while (true)
        {
            try
            {
                if (!all.MoveNext())
                {
                    yield break;
                }
            }
            catch (XmlException bad)
            {
                throw new FormatException($"{path}: line {bad.LineNumber}: {bad.Message}", bad);
            }
            catch (XmlFormatException bad)
            {
                throw new FormatException($"{path}: an element cannot be read: {bad.Message}", bad);
            }

            yield return all.Current;
        }
    }

    private IEnumerable<PortableEvent> ReadFile(Place place, Level level, Context context)
    {
        using var reader = XmlReader.Create(System.IO.File.OpenRead(place.File), s_settings);
        reader.MoveToContent();
        foreach (var found in ReadElement(reader, level, place, context))
        {
            yield return found;
        }
    }

    private IEnumerable<PortableEvent> ReadChildren(XmlReader reader, Level level, Place place, Context context)
    {
        if (reader.IsEmptyElement)
        {
            yield break;
        }

        var depth = reader.Depth;
        while (reader.Read() && reader.Depth > depth)
        {
            if (reader.NodeType is XmlNodeType.Element)
            {
                foreach (var found in ReadElement(reader, level, place, context))
                {
                    yield return found;
                }
            }
        }
    }

    // The reader stands on a start tag, and afterwards on the end of that element.
    private IEnumerable<PortableEvent> ReadElement(XmlReader reader, Level level, Place place, Context context)
    {
        var name = new XmlQualifiedName(reader.LocalName, reader.NamespaceURI);
        if (name.Namespace == Ns.XInclude && name.Name == "include")
        {
            return Include(reader, level, place, context);
        }

        return (level, name.Name, name.Namespace) switch
        {
            (Level.Document, "server-data", Ns.Portable) => ReadChildren(reader, Level.Server, place, context),
            (Level.Document, _, _) => throw new FormatException($"{place.File}: this is no file of accounts: its root is <{name.Name} xmlns='{name.Namespace}'/> and not <server-data xmlns='{Ns.Portable}'/>"),
            (Level.Server, "host", Ns.Portable) => ReadHost(reader, place, context),
            (Level.Host, "user", Ns.Portable) => ReadUser(reader, place, context),
            (Level.User, _, _) when isContainer(name) => ReadContainer(reader, name, place, context),
            (Level.User or Level.Container, _, _) => [new UserElement(context.Container, ReadWhole(reader))],
            _ => PassOver(reader, $"<{name.Name} xmlns='{name.Namespace}'/> in {(level is Level.Server ? "server-data" : "a host")}"),
        };
    }

    private IEnumerable<PortableEvent> ReadHost(XmlReader reader, Place place, Context context) =>
        reader.GetAttribute("jid") is { Length: > 0 } host
            ? ReadChildren(reader, Level.Host, place, context with { Host = host })
            : PassOver(reader, "a host without jid");

    private IEnumerable<PortableEvent> ReadUser(XmlReader reader, Place place, Context context)
    {
        if (reader.GetAttribute("name") is not { Length: > 0 } user)
        {
            foreach (var passed in PassOver(reader, $"a user of {context.Host} without name"))
            {
                yield return passed;
            }

            yield break;
        }

        yield return new UserBegins(context.Host, user, reader.GetAttribute("password"));
        foreach (var found in ReadChildren(reader, Level.User, place, context))
        {
            yield return found;
        }

        yield return new UserEnds();
    }

    private IEnumerable<PortableEvent> ReadContainer(XmlReader reader, XmlQualifiedName name, Place place, Context context) =>
        ReadChildren(reader, Level.Container, place, context with { Container = name });

    private IEnumerable<PortableEvent> Include(XmlReader reader, Level level, Place place, Context context)
    {
        var href = reader.GetAttribute("href");
        if (level is Level.Document || href is null || reader.GetAttribute("parse") is not (null or "xml") || reader.GetAttribute("xpointer") is not null)
        {
            throw new FormatException($"{place.File}: an include cannot be followed: {href}");
        }

        if (place.Depth >= MaxIncludes)
        {
            throw new FormatException($"{place.File}: files include each other more than {MaxIncludes} deep");
        }

        // XEP-0227 §8: a file from somebody else must not make us read what is ours.
        var path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(place.File)!, Uri.UnescapeDataString(href)));
        if (!path.StartsWith(place.Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal) || new FileInfo(path).LinkTarget is not null)
        {
            throw new FormatException($"{place.File}: {href} is outside of the file's folder, or a link");
        }

        return Included(reader, new Place(path, place.Folder, place.Depth + 1), level, context);
    }

    private IEnumerable<PortableEvent> Included(XmlReader reader, Place place, Level level, Context context)
    {
        foreach (var found in ReadFile(place, level, context))
        {
            yield return found;
        }

        reader.PassElement();
    }

    private static IEnumerable<PortableEvent> PassOver(XmlReader reader, string what)
    {
        reader.PassElement();
        yield return new PassedOver(what);
    }

    private static XmlElement ReadWhole(XmlReader reader)
    {
        using var inner = reader.ReadSubtree();
        inner.Read();
        return XmlElement.Parse(System.Text.Encoding.UTF8.GetBytes(inner.ReadOuterXml()), "", XmlLimits.Unlimited);
    }

    private sealed record Place(string File, string Folder, int Depth);

    private sealed record Context(string Host = "", XmlQualifiedName? Container = null);
}

/// <summary>Moving on in XML.</summary>
file static class XmlReaderMoves
{
    /// <summary>From the start of an element to its end, and not beyond it.</summary>
    public static void PassElement(this XmlReader reader)
    {
        using var inner = reader.ReadSubtree();
        while (inner.Read())
        {
        }
    }
}
