using Meerkat.Core.Streams;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Connections.Bosh;

/// <summary>Gives what requests bring to the stream.</summary>
/// <remarks>One call at a time.</remarks>
/// <param name="stream">The stream.</param>
/// <param name="start">What the session agreed on.</param>
/// <param name="log">The log.</param>
internal sealed class BoshFeed(ClientStream stream, BoshStart start, ILogger log)
{
    private readonly FlushScope _burst = new();

    /// <summary>The session is over: the stream is lost.</summary>
    public static object Loss { get; } = new();

    /// <summary>Handles one thing. Whatever goes wrong in it ends the stream, and is told there.</summary>
    /// <param name="work">A <see cref="BoshRequest"/>, a <see cref="StreamError"/> to end the stream with, or <see cref="Loss"/>.</param>
    public async ValueTask HandleAsync(object work)
    {
        try
        {
            switch (work)
            {
                case BoshRequest request:
                    await HandleAsync(request);
                    break;
                case StreamError error:
                    await stream.FailAsync(error, CancellationToken.None);
                    break;
                default:
                    await stream.LoseAsync(CancellationToken.None);
                    break;
            }
        }
        catch (StreamErrorException refused)
        {
            await stream.FailAsync(refused.Error, CancellationToken.None);
        }
        catch (Exception failure)
        {
            // Our own mistake outside of any stanza: this session cannot go on, the others can.
            BoshLog.Broken(log, failure, stream.Id);
            await stream.FailAsync(StreamError.InternalServerError, CancellationToken.None);
        }
    }

    private async ValueTask HandleAsync(BoshRequest request)
    {
        if (ReferenceEquals(request, start.Request) || request.IsRestart)
        {
            // XEP-0206 §5: what is in such a request is not looked at.
            await HandleAsync(new XmlFrame(XmlFrameKind.StreamStart, start.Header(request.Head)));
            return;
        }

        var step = StreamStep.Continue;
        for (var i = 0; i < request.Elements.Count && step is not StreamStep.Close; i++)
        {
            step = await HandleAsync(new XmlFrame(XmlFrameKind.Element, request.Elements[i]));
        }

        if (request.IsTerminate && step is not StreamStep.Close)
        {
            await stream.CloseAsync(CancellationToken.None);
        }
    }

    // What it brings about for one recipient leaves at once, as with the other transports.
    private ValueTask<StreamStep> HandleAsync(XmlFrame frame)
    {
        _burst.Begin();
        try
        {
            return stream.HandleAsync(frame, Ns.Client, CancellationToken.None);
        }
        finally
        {
            _burst.End();
        }
    }
}
