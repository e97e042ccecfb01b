using System.Security.Cryptography;

namespace Meerkat.Xmpp.Sasl;

/// <summary>ANONYMOUS (RFC 4505, XEP-0175): a random name; the client's trace data is ignored (CORE-082).</summary>
internal sealed class AnonymousExchange(SaslContext context) : SingleMessageExchange
{
    protected override bool AllowsEmpty => true;

    private protected override async ValueTask<SaslStep> CheckAsync(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        // 128 bits: nobody guesses a name, and a clash does not happen.
        var username = RandomNumberGenerator.GetHexString(32, lowercase: true);
        return await context.Credentials.AuthoriseAnonymousAsync(username, ct)
            ? SaslStep.Success(username)
            : SaslStep.Failure(SaslFailure.NotAuthorized);
    }
}
