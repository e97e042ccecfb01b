namespace Meerkat.Xmpp.Sasl;

/// <summary>PLAIN (RFC 4616): authorization identity, user and password in one message.</summary>
internal sealed class PlainExchange(SaslContext context) : SingleMessageExchange
{
    private protected override async ValueTask<SaslStep> CheckAsync(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        if (!StrictUtf8.TryDecode(message.Span, out var text)
            || text.Split('\0') is not [var authzId, { Length: > 0 } authcId, { Length: > 0 } password])
        {
            return SaslStep.Failure(SaslFailure.MalformedRequest);
        }

        // CORE-075: a whole address stands for its localpart and becomes the authorization identity; one that is given is not held against the user.
        if (authzId.Length == 0 && authcId.IndexOf('@', StringComparison.Ordinal) is var at and > 0)
        {
            (authzId, authcId) = (authcId, authcId[..at]);
        }

        return Stringprep.TryNodeprep(authcId, out var username) && username.Length > 0 // CORE-074
            && await context.Credentials.CheckPasswordAsync(username, password, ct)
                ? SaslStep.Success(username, authzId.Length == 0 ? null : authzId)
                : SaslStep.Failure(SaslFailure.NotAuthorized);
    }
}
