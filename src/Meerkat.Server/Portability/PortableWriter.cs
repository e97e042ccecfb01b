using System.Buffers;
using Meerkat.Core.Portability;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Server.Portability;

/// <summary>Writes a file of accounts (XEP-0227 v1.1), element by element: of any length in constant memory.</summary>
/// <remarks>Not safe for concurrent use. <see cref="Begin"/>, then hosts with users with pieces, then <see cref="End"/>.</remarks>
/// <param name="output">Gets the bytes.</param>
internal sealed class PortableWriter(Stream output)
{
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private PortableElement? _container;

    /// <summary>The document begins.</summary>
    public void Begin() => Write($"<?xml version='1.0' encoding='UTF-8'?>\n<server-data xmlns='{Ns.Portable}'>\n");

    /// <summary>A host begins.</summary>
    public void BeginHost(string jid) => Write($"<host jid='{Escape(jid)}'>\n");

    /// <summary>A user begins.</summary>
    /// <param name="name">The localpart.</param>
    /// <param name="password">The password itself; null where it is not known or not to be told.</param>
    public void BeginUser(string name, string? password) => Write(password is null ? $"<user name='{Escape(name)}'>\n" : $"<user name='{Escape(name)}' password='{Escape(password)}'>\n");

    /// <summary>Goes on behind a piece that another writer has written, in its container.</summary>
    public void Resume(PortableElement container) => _container = container;

    /// <summary>Something of the user's that belongs to no feature.</summary>
    public void Write(XmlElement element)
    {
        LeaveContainer();
        Put(element);
    }

    /// <summary>A piece of the user.</summary>
    public void Write(PortablePiece piece)
    {
        if (piece.Element != _container)
        {
            LeaveContainer();
        }

        if (piece.Element.IsContainer && _container is null)
        {
            Write(piece.Element.Namespace == Ns.Portable ? $"<{piece.Element.Name}>\n" : $"<{piece.Element.Name} xmlns='{piece.Element.Namespace}'>\n");
            _container = piece.Element;
        }

        Put(piece.Xml);
    }

    /// <summary>The user ends: all of it has been written.</summary>
    public void EndUser()
    {
        LeaveContainer();
        Write("</user>\n");
    }

    /// <summary>The host ends.</summary>
    public void EndHost() => Write("</host>\n");

    /// <summary>The document ends.</summary>
    public void End() => Write("</server-data>\n");

    private void LeaveContainer()
    {
        if (_container is { } container)
        {
            _container = null;
            Write($"</{container.Name}>\n");
        }
    }

    private void Put(XmlElement element)
    {
        element.WriteTo(_buffer, _container?.Namespace ?? Ns.Portable);
        output.Write(_buffer.WrittenSpan);
        output.WriteByte((byte)'\n');
        _buffer.ResetWrittenCount();
    }

    private void Write(string text) => output.Write(System.Text.Encoding.UTF8.GetBytes(text));

    // As XML wants attributes, through the one place that knows how.
    private static string Escape(string text)
    {
        var element = new XmlBuilder("a", "").Attribute("v", text).Build().ToString();
        return element["<a v='".Length..^"'/>".Length];
    }
}
