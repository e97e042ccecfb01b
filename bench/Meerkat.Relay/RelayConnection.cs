using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace Meerkat.Relay;

/// <summary>
/// One client. The log-in is faked (any PLAIN password is right), frames are found by a search for their end tag, and a message is
/// copied as it came to the connection that its <c>to</c> names, or to all who entered the room of that name. Every connection written to is flushed once a burst.
/// </summary>
/// <remarks>It is a floor, not a server: no XML is checked, <c>from</c> is not stamped, an unknown recipient loses the message.</remarks>
internal sealed class RelayConnection(ConnectionContext connection, RelayDirectory directory)
{
    private readonly PipeReader _input = connection.Transport.Input;
    private readonly PipeWriter _output = connection.Transport.Output;
    private readonly Lock _gate = new();
    private readonly HashSet<RelayConnection> _written = [];
    private RelayConnection? _lastWritten;
    private string? _room;
    private string? _localpart;
    private bool _flushing;
    private bool _more;
    private bool _closing;

    public async Task RunAsync()
    {
        try
        {
            await ReadLoopAsync();
        }
        catch (Exception e) when (e is IOException or ConnectionResetException or ConnectionAbortedException or OperationCanceledException)
        {
            // The client left: there is nothing to tell it.
        }
        finally
        {
            if (_localpart is not null)
            {
                directory.Remove(_localpart, this);
                directory.Leave(_room, this);
            }

            await _input.CompleteAsync();
            await _output.CompleteAsync();
            await connection.DisposeAsync();
        }
    }

    private async Task ReadLoopAsync()
    {
        ReadResult read;
        do
        {
            read = await _input.ReadAsync();
            var unread = read.Buffer;
            var consumed = Handle(unread);
            _input.AdvanceTo(unread.GetPosition(consumed), unread.End);

            foreach (var written in _written)
            {
                written.Flush();
            }

            _written.Clear();
            _lastWritten = null;
        }
        while (!read.IsCompleted && !_closing);
    }

    private int Handle(in ReadOnlySequence<byte> unread)
    {
        if (unread.IsSingleSegment)
        {
            return HandleFrames(unread.FirstSpan);
        }

        var length = (int)unread.Length;
        var joined = ArrayPool<byte>.Shared.Rent(length);
        unread.CopyTo(joined);
        var consumed = HandleFrames(joined.AsSpan(0, length));
        ArrayPool<byte>.Shared.Return(joined);
        return consumed;
    }

    private int HandleFrames(ReadOnlySpan<byte> bytes)
    {
        var consumed = 0;
        while (consumed < bytes.Length)
        {
            var rest = bytes[consumed..];
            var length = rest.StartsWith("<message"u8) ? Message(rest) : Other(rest);
            if (length == 0)
            {
                break;
            }

            consumed += length;
        }

        return consumed;
    }

    private int Message(ReadOnlySpan<byte> rest)
    {
        var length = EndOf(rest, "</message>"u8);
        if (length == 0)
        {
            return 0;
        }

        var frame = rest[..length];
        var to = frame[(frame.IndexOf("to='"u8) + 4)..];
        var localpart = to[..Math.Max(to.IndexOf((byte)'@'), 0)];
        if (_room is not null && frame.IndexOf("type='groupchat'"u8) >= 0)
        {
            foreach (var occupant in directory.Room(localpart))
            {
                occupant.Write(frame);
                MarkWritten(occupant);
            }
        }
        else if (directory.Find(localpart) is { } recipient)
        {
            recipient.Write(frame);
            MarkWritten(recipient);
        }

        return length;
    }

    /// <summary>Everything but messages: rare, so it reads as it likes.</summary>
    private int Other(ReadOnlySpan<byte> rest)
    {
        if (rest[0] is (byte)' ' or (byte)'\n')
        {
            return 1;
        }

        if (rest.StartsWith("<?xml"u8))
        {
            return EndOf(rest, "?>"u8);
        }

        if (rest.StartsWith("<stream:stream"u8))
        {
            return Answered(EndOf(rest, ">"u8), _localpart is null
                ? StreamHeader + "<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms></stream:features>"
                : StreamHeader + "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>");
        }

        if (rest.StartsWith("</stream:stream"u8))
        {
            _closing = true;
            return Answered(EndOf(rest, ">"u8), "</stream:stream>");
        }

        if (rest.StartsWith("<auth"u8))
        {
            return Authenticate(rest);
        }

        if (rest.StartsWith("<iq"u8))
        {
            return Iq(rest);
        }

        if (rest.StartsWith("<presence to='"u8))
        {
            return Join(rest);
        }

        return EndOf(rest, ">"u8); // presence and whatever it holds: nobody is told
    }

    /// <summary>Who enters a room gets what is said there; who is in it already is not told.</summary>
    private int Join(ReadOnlySpan<byte> rest)
    {
        var length = EndOf(rest, "</presence>"u8);
        if (length > 0)
        {
            var to = rest["<presence to='".Length..length];
            _room = directory.Enter(to[..Math.Max(to.IndexOf((byte)'@'), 0)], this);
        }

        return Answered(length, "<message type='groupchat'><subject></subject></message>");
    }

    private int Authenticate(ReadOnlySpan<byte> rest)
    {
        var length = EndOf(rest, "</auth>"u8);
        if (length == 0)
        {
            return 0;
        }

        var text = Encoding.ASCII.GetString(rest[..(length - "</auth>".Length)]);
        var plain = Encoding.UTF8.GetString(Convert.FromBase64String(text[(text.IndexOf('>', StringComparison.Ordinal) + 1)..]));
        _localpart = plain.Split('\0')[1];
        directory.Add(_localpart, this);
        return Answered(length, "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    }

    private int Iq(ReadOnlySpan<byte> rest)
    {
        var length = EndOf(rest, "</iq>"u8);
        if (length == 0)
        {
            return 0;
        }

        var text = Encoding.UTF8.GetString(rest[..length]);
        var id = text.Split("id='", 2)[1].Split('\'')[0];
        return Answered(length, text.Contains("xmpp-bind", StringComparison.Ordinal)
            ? $"<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>{_localpart}@localhost/load</jid></bind></iq>"
            : $"<iq type='result' id='{id}'/>");
    }

    private const string StreamHeader =
        "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='relay' from='localhost' version='1.0'>";

    private int Answered(int length, string answer)
    {
        if (length > 0)
        {
            Write(Encoding.UTF8.GetBytes(answer));
            MarkWritten(this);
        }

        return length;
    }

    private static int EndOf(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> end)
    {
        var at = bytes.IndexOf(end);
        return at < 0 ? 0 : at + end.Length;
    }

    private void MarkWritten(RelayConnection recipient)
    {
        // A burst between two goes to one.
        if (_lastWritten != recipient)
        {
            _lastWritten = recipient;
            _written.Add(recipient);
        }
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            _output.Write(bytes);
        }
    }

    /// <summary>Whoever finds a flush under way leaves its bytes to the one who is flushing.</summary>
    private void Flush()
    {
        ValueTask<FlushResult> flush;
        lock (_gate)
        {
            if (_flushing)
            {
                _more = true;
                return;
            }

            flush = _output.FlushAsync();
            if (flush.IsCompletedSuccessfully)
            {
                _ = flush.Result;
                return;
            }

            _flushing = true;
        }

        _ = FlushUntilIdleAsync(flush);
    }

    private async Task FlushUntilIdleAsync(ValueTask<FlushResult> flush)
    {
        while (true)
        {
            await flush;
            lock (_gate)
            {
                if (!_more)
                {
                    _flushing = false;
                    return;
                }

                _more = false;
                flush = _output.FlushAsync();
            }
        }
    }
}
