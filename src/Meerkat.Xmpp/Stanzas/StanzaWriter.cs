using System.Buffers;

namespace Meerkat.Xmpp;

/// <summary>Puts header, shared payload and appendix together. The one place where a stanza becomes bytes.</summary>
internal static class StanzaWriter
{
    public static void Write(Stanza stanza, IBufferWriter<byte> target, string context)
    {
        var output = new SpanWriter(target);
        var element = stanza.Element;
        var name = stanza switch
        {
            Message => "message"u8,
            Presence => "presence"u8,
            _ => "iq"u8,
        };

        output.Write("<"u8);
        output.Write(name);
        if (context.Length == 0)
        {
            output.Write(" xmlns='jabber:client'"u8);
            context = Ns.Client;
        }

        WriteAddress(ref output, " from='"u8, stanza.From);
        WriteAddress(ref output, " to='"u8, stanza.To);
        foreach (var attribute in element.Attributes)
        {
            if (!attribute.RawName.SequenceEqual("to"u8) && !attribute.RawName.SequenceEqual("from"u8))
            {
                output.Write(" "u8);
                output.Write(attribute.Raw);
            }
        }

        if (element.HasDeclarations)
        {
            output.Commit();
            element.WritePrefixDeclarations(target);
        }

        var inner = element.InnerRaw;
        if (inner.IsEmpty && stanza.Appended is null)
        {
            output.Write("/>"u8);
            output.Commit();
            return;
        }

        output.Write(">"u8);
        output.Write(inner);
        if (stanza.Appended is { } appended)
        {
            output.Commit();
            WriteAppended(appended, target, context);
        }

        output.Write("</"u8);
        output.Write(name);
        output.Write(">"u8);
        output.Commit();
    }

    private static void WriteAddress(ref SpanWriter output, ReadOnlySpan<byte> attribute, Jid? jid)
    {
        if (jid is not null)
        {
            output.Write(attribute);
            output.Write(jid.AttributeUtf8);
            output.Write("'"u8);
        }
    }

    // Newest first in the list; on the wire the oldest comes first.
    private static void WriteAppended(Stanza.Appendix appended, IBufferWriter<byte> output, string context)
    {
        if (appended.Next is { } earlier)
        {
            WriteAppended(earlier, output, context);
        }

        appended.Element.WriteTo(output, context);
    }
}
