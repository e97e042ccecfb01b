namespace Meerkat.Xmpp.Sasl;

/// <summary>What an exchange says after a message of the client.</summary>
public enum SaslStepKind
{
    /// <summary>Send a challenge and wait for a response.</summary>
    Challenge,

    /// <summary>The client is who it says.</summary>
    Success,

    /// <summary>It is not, or the message made no sense. The exchange is over.</summary>
    Failure,
}

/// <summary>One answer of a <see cref="SaslExchange"/>.</summary>
public readonly record struct SaslStep
{
    /// <summary>Which of the three it is.</summary>
    public SaslStepKind Kind { get; private init; }

    /// <summary>The data of a challenge (may be empty), or of a success when the mechanism has some; else null. Raw: the stream encodes it.</summary>
    public ReadOnlyMemory<byte>? Data { get; private init; }

    /// <summary>On success: the prepared localpart of the account, never empty (CORE-074). Else null.</summary>
    public string? Username { get; private init; }

    /// <summary>On success: the authorization identity as the client gave it; null when it gave none.</summary>
    public string? AuthzId { get; private init; }

    /// <summary>On failure: the condition.</summary>
    public SaslFailure Condition { get; private init; }

    /// <summary>On failure: a text that an authentication back-end supplied (CORE-069); usually null.</summary>
    public string? Text { get; private init; }

    /// <summary>A challenge; <paramref name="data"/> may be empty.</summary>
    public static SaslStep Challenge(ReadOnlyMemory<byte> data) => new() { Kind = SaslStepKind.Challenge, Data = data };

    /// <summary>The end of an exchange that went well.</summary>
    public static SaslStep Success(string username, string? authzId = null, ReadOnlyMemory<byte>? data = null) =>
        new() { Kind = SaslStepKind.Success, Username = username, AuthzId = authzId, Data = data };

    /// <summary>The end of an exchange that did not.</summary>
    public static SaslStep Failure(SaslFailure condition, string? text = null) => new() { Kind = SaslStepKind.Failure, Condition = condition, Text = text };
}
