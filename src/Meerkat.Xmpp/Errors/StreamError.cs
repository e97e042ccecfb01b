using Meerkat.Xml;

namespace Meerkat.Xmpp;

/// <summary>A stream error: it ends the stream on which it is sent.</summary>
/// <remarks>RFC 6120 §4.9. Immutable.</remarks>
/// <param name="Condition">The defined condition, as the element's name on the wire.</param>
/// <param name="Text">Explanation in English, or null.</param>
/// <param name="Application">Application-specific condition, or null.</param>
public sealed record StreamError(string Condition, string? Text = null, XmlElement? Application = null)
{
    /// <summary>The conditions that there are (RFC 6120 §4.9.3), and the older name of one (RFC 3920 §4.7.3).</summary>
    public static readonly IReadOnlyList<string> Conditions =
    [
        "bad-format", "bad-namespace-prefix", "conflict", "connection-timeout", "host-gone", "host-unknown", "improper-addressing", "internal-server-error", "invalid-from", "invalid-namespace", "invalid-xml",
        "not-authorized", "not-well-formed", "policy-violation", "remote-connection-failed", "reset", "resource-constraint", "restricted-xml", "see-other-host", "system-shutdown", "undefined-condition",
        "unsupported-encoding", "unsupported-feature", "unsupported-stanza-type", "unsupported-version", "xml-not-well-formed",
    ];

    /// <summary>Negotiation took too long (CORE-036).</summary>
    public static readonly StreamError ConnectionTimeout = new("connection-timeout");

    /// <summary>The domain is not served any more: it was disabled or removed (RFC 6120 §4.9.3.5, CORE-240).</summary>
    public static readonly StreamError HostGone = new("host-gone");

    /// <summary><c>to</c> is absent or not hosted (CORE-028).</summary>
    public static readonly StreamError HostUnknown = new("host-unknown");

    /// <summary>A <c>from</c> that is not the peer's (CORE-034, CORE-035).</summary>
    public static readonly StreamError InvalidFrom = new("invalid-from");

    /// <summary>A wrong namespace (CORE-027, CORE-032).</summary>
    public static readonly StreamError InvalidNamespace = new("invalid-namespace");

    /// <summary>The server stops (CORE-040).</summary>
    public static readonly StreamError SystemShutdown = new("system-shutdown");

    /// <summary>The stream's version is not 1.0 (CORE-029).</summary>
    public static readonly StreamError UnsupportedVersion = new("unsupported-version");

    /// <summary>TLS has to come first (CORE-033).</summary>
    public static readonly StreamError EncryptionRequired = new("encryption-required", "Use of STARTTLS required");

    /// <summary>The same full JID was bound elsewhere, or the account has too many sessions (CORE-037).</summary>
    public static readonly StreamError Replaced = new("conflict", "Replaced by new connection");

    /// <summary>Something on our side failed (RFC 6120 §4.9.3.6).</summary>
    public static readonly StreamError InternalServerError = new("internal-server-error");

    /// <summary>CORE-030, CORE-031, CORE-042.</summary>
    public static StreamError PolicyViolation(string? text = null) => new("policy-violation", text);

    /// <summary>CORE-038, CORE-039.</summary>
    public static StreamError Conflict(string? text = null) => new("conflict", text);

    /// <summary>CORE-026.</summary>
    public static StreamError NotWellFormed(string? text = null) => new("xml-not-well-formed", text);

    /// <summary>CORE-041.</summary>
    public static StreamError ResourceConstraint(string? text = null) => new("resource-constraint", text);

    /// <summary>CORE-043: a condition that only the application-specific element tells.</summary>
    public static StreamError Undefined(XmlElement application, string? text = null) => new("undefined-condition", text, application);

    /// <summary>The <c>&lt;stream:error/&gt;</c> element.</summary>
    public XmlElement ToElement()
    {
        var error = new XmlBuilder("error", Ns.Stream).Element(Condition, Ns.StreamErrors, null);
        if (Text is not null)
        {
            error.Start("text", Ns.StreamErrors).Lang("en").Text(Text).End();
        }

        if (Application is { } application)
        {
            error.Add(application);
        }

        return error.Build();
    }
}

/// <summary>Ends a stream with an error. Thrown only in stream code; caught in one place, sent, closed.</summary>
/// <param name="error">What is sent before the stream closes.</param>
public sealed class StreamErrorException(StreamError error) : Exception(error.Condition)
{
    /// <summary>What is sent before the stream closes.</summary>
    public StreamError Error { get; } = error;
}
