namespace Meerkat.Xmpp.Sasl;

/// <summary>Why authentication failed: the defined conditions of RFC 6120 §6.5.</summary>
public enum SaslFailure
{
    /// <summary>The client gave up (§6.5.1).</summary>
    Aborted,

    /// <summary>The account is disabled (§6.5.2).</summary>
    AccountDisabled,

    /// <summary>The credentials have expired (§6.5.3).</summary>
    CredentialsExpired,

    /// <summary>The mechanism needs an encrypted stream (§6.5.4).</summary>
    EncryptionRequired,

    /// <summary>The payload is not base64 (§6.5.5). Not sent by the mechanisms here: payloads are decoded leniently (CORE-072).</summary>
    IncorrectEncoding,

    /// <summary>The authorization identity is not one that these credentials may act for (§6.5.6).</summary>
    InvalidAuthzid,

    /// <summary>The mechanism is not offered (§6.5.7). The reference says <c>no-mechanism</c>, which RFC 6120 does not have (CORE-068).</summary>
    InvalidMechanism,

    /// <summary>The payload does not fit the mechanism's syntax (§6.5.8). The reference says <c>bad-protocol</c>, which RFC 6120 does not have (CORE-069).</summary>
    MalformedRequest,

    /// <summary>The mechanism is weaker than policy allows for this account (§6.5.9).</summary>
    MechanismTooWeak,

    /// <summary>Wrong credentials, or no such account: these are not told apart (§6.5.10, AUTH-169).</summary>
    NotAuthorized,

    /// <summary>The server could not find out (§6.5.11).</summary>
    TemporaryAuthFailure,
}

/// <summary>The element names of <see cref="SaslFailure"/>.</summary>
public static class SaslFailureNames
{
    /// <summary>The name of the condition's element in the namespace of the <c>failure</c>.</summary>
    public static string ElementName(this SaslFailure failure) => failure switch
    {
        SaslFailure.Aborted => "aborted",
        SaslFailure.AccountDisabled => "account-disabled",
        SaslFailure.CredentialsExpired => "credentials-expired",
        SaslFailure.EncryptionRequired => "encryption-required",
        SaslFailure.IncorrectEncoding => "incorrect-encoding",
        SaslFailure.InvalidAuthzid => "invalid-authzid",
        SaslFailure.InvalidMechanism => "invalid-mechanism",
        SaslFailure.MalformedRequest => "malformed-request",
        SaslFailure.MechanismTooWeak => "mechanism-too-weak",
        SaslFailure.NotAuthorized => "not-authorized",
        SaslFailure.TemporaryAuthFailure => "temporary-auth-failure",
        _ => throw new ArgumentOutOfRangeException(nameof(failure)),
    };
}
