namespace Meerkat.Connections.Bosh;

/// <summary>Why a session ended, as <c>body</c> says it (XEP-0124 §17.2).</summary>
internal static class BoshCondition
{
    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<string> All = [BadRequest, HostUnknown, ImproperAddressing, ItemNotFound, PolicyViolation, RemoteStreamError, SystemShutdown, Undefined];

    /// <summary>What was sent makes no sense.</summary>
    public const string BadRequest = "bad-request";

    /// <summary>The domain is not served here.</summary>
    public const string HostUnknown = "host-unknown";

    /// <summary>The first request names no domain.</summary>
    public const string ImproperAddressing = "improper-addressing";

    /// <summary>The session or the request is not known: told for every mistake that a guesser makes.</summary>
    public const string ItemNotFound = "item-not-found";

    /// <summary>Too much, too long, too many.</summary>
    public const string PolicyViolation = "policy-violation";

    /// <summary>The stream ended with an error, which is inside (XEP-0206 §7).</summary>
    public const string RemoteStreamError = "remote-stream-error";

    /// <summary>The server stops.</summary>
    public const string SystemShutdown = "system-shutdown";

    /// <summary>Something else.</summary>
    public const string Undefined = "undefined-condition";
}
