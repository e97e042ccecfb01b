namespace Meerkat.Xmpp.Sasl;

/// <summary>The server's side of one run of one SASL mechanism (RFC 4422): messages in, steps out, no I/O of its own.</summary>
/// <remarks>
/// Used by one stream, one call at a time, until a step is not a challenge; after that it is thrown away. <c>abort</c> (CORE-071), the retry budget (CORE-070)
/// and base64 (<see cref="SaslBase64"/>) are the stream's.
/// </remarks>
public abstract class SaslExchange
{
    private bool _over;

    /// <summary>Answers a message of the client.</summary>
    /// <param name="response">First the initial response, empty when there was none; then the response to each challenge. Decoded.</param>
    /// <param name="ct">Ends the wait for the account store.</param>
    /// <exception cref="InvalidOperationException">The exchange is over already.</exception>
    public async ValueTask<SaslStep> NextAsync(ReadOnlyMemory<byte> response, CancellationToken ct)
    {
        if (_over)
        {
            throw new InvalidOperationException("The exchange is over.");
        }

        _over = true; // stays so if the account store throws
        var step = await AnswerAsync(response, ct);
        _over = step.Kind is not SaslStepKind.Challenge;
        return step;
    }

    /// <summary>The mechanism itself.</summary>
    private protected abstract ValueTask<SaslStep> AnswerAsync(ReadOnlyMemory<byte> response, CancellationToken ct);
}

/// <summary>For mechanisms that are one message of the client, which may come as initial response or after an empty challenge (RFC 6120 §6.4.2).</summary>
internal abstract class SingleMessageExchange : SaslExchange
{
    private bool _asked;

    /// <summary>Whether an empty message means something, so that it is not asked for again (CORE-072).</summary>
    protected virtual bool AllowsEmpty => false;

    private protected sealed override ValueTask<SaslStep> AnswerAsync(ReadOnlyMemory<byte> response, CancellationToken ct)
    {
        if (response.IsEmpty && !_asked && !AllowsEmpty)
        {
            _asked = true;
            return new(SaslStep.Challenge(default));
        }

        return CheckAsync(response, ct);
    }

    /// <summary>Judges the one message.</summary>
    private protected abstract ValueTask<SaslStep> CheckAsync(ReadOnlyMemory<byte> message, CancellationToken ct);
}
