using System.Runtime.CompilerServices;
using System.Text;
using System.Threading.Channels;
using GraphQL;
using GraphQL.SystemTextJson;

namespace Meerkat.Admin.GraphQL;

/// <summary>The answers of a subscription, one for each event.</summary>
/// <param name="results">They, pushed.</param>
/// <param name="serializer">Writes them.</param>
internal sealed class ApiStream(IObservable<ExecutionResult> results, GraphQLSerializer serializer)
{
    /// <summary>How many answers may wait for a slow reader; one more ends the stream.</summary>
    public const int MaxWaiting = 1024;

    /// <summary>Reads the answers, as JSON of one line. For one reader; what the subscription holds is given back at the end.</summary>
    public async IAsyncEnumerable<string> ReadAsync([EnumeratorCancellation] CancellationToken ct)
    {
        var inbox = new Inbox();
        using var subscription = results.Subscribe(inbox);
        await foreach (var result in inbox.Results.ReadAllAsync(ct))
        {
            using var buffer = new MemoryStream();
            await serializer.WriteAsync(buffer, result, ct);
            yield return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
        }
    }

    private sealed class Inbox : IObserver<ExecutionResult>
    {
        private readonly Channel<ExecutionResult> _channel = Channel.CreateBounded<ExecutionResult>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });

        public ChannelReader<ExecutionResult> Results => _channel.Reader;

        public void OnNext(ExecutionResult value)
        {
            if (!_channel.Writer.TryWrite(value))
            {
                OnCompleted();
            }
        }

        public void OnError(Exception error) => OnCompleted(); // the failure of the source; it is over

        public void OnCompleted() => _channel.Writer.TryComplete();
    }
}
