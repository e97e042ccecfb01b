namespace Meerkat.Xmpp.Sasl;

/// <summary>EXTERNAL (RFC 4422 appendix A, XEP-0178): the verified certificate of the TLS connection says who the client is.</summary>
internal sealed class ExternalExchange(SaslContext context) : SingleMessageExchange
{
    protected override bool AllowsEmpty => true;

    private protected override async ValueTask<SaslStep> CheckAsync(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        if (context.ClientCertificate is not { } certificate)
        {
            return SaslStep.Failure(SaslFailure.NotAuthorized); // CORE-081
        }

        // RFC 4422 appendix A.1: an authorization identity holds no NUL.
        if (!StrictUtf8.TryDecode(message.Span, out var authzId) || authzId.Contains('\0', StringComparison.Ordinal))
        {
            return SaslStep.Failure(SaslFailure.MalformedRequest);
        }

        var given = authzId.Length == 0 ? null : authzId;
        var mapped = context.External.Map(CertificateNames.Of(certificate), given, context.Domain);
        if (mapped.Username is not { } name)
        {
            return SaslStep.Failure(mapped.Condition);
        }

        return Stringprep.TryNodeprep(name, out var username) && username.Length > 0 // CORE-074
            && await context.Credentials.AuthoriseCertificateAsync(username, certificate, ct)
                ? SaslStep.Success(username, given)
                : SaslStep.Failure(SaslFailure.NotAuthorized);
    }
}
