using Meerkat.Xmpp;

namespace Meerkat.Core.Storage;

/// <summary>What the sender of a stanza is told when handling it has failed, and how loudly the log is.</summary>
internal static class StorageFailure
{
    /// <summary><c>resource-constraint</c>, which asks to try again (RFC 6120 §8.3.3.18), where a store was too busy and nothing was done; <c>internal-server-error</c> for all else.</summary>
    public static StanzaError ErrorFor(Exception failure) =>
        failure is StorageBusyException ? StanzaError.ResourceConstraint("The server is too busy.") : StanzaError.InternalServerError();

    /// <summary>Whether a failure is no mistake of this program, so that the log needs no stack: while a database is gone, there is one for every stanza that wants it.</summary>
    public static bool IsExpected(Exception failure) => failure is StorageBusyException or StorageUnavailableException;
}
