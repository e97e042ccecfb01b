using System.Net;
using Meerkat.Core.Streams;

namespace Meerkat.Core.Sessions;

/// <summary>What is known of a session beside its address (CORE-120).</summary>
/// <param name="Transport"><c>tcp</c>, <c>tls</c>, <c>websocket</c> or <c>memory</c>.</param>
/// <param name="Remote">The peer's address, or null.</param>
/// <param name="AuthMethod">The method that authenticated the user: <c>internal</c>, <c>anonymous</c>, ...</param>
/// <param name="Mechanism">The SASL mechanism.</param>
/// <param name="StreamId">Id of the stream, as logs show it.</param>
public sealed record SessionInfo(string Transport, IPEndPoint? Remote, string AuthMethod, string Mechanism, string StreamId)
{
    /// <summary>Whether the connection is encrypted by TLS.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>What is known of a session on a stream that has authenticated.</summary>
    internal static SessionInfo Of(ClientStream stream)
    {
        var facts = stream.Transport.Facts;
        return new SessionInfo(facts.Kind, facts.Remote, stream.Login!.Method, stream.Login.Mechanism, stream.Id) { IsEncrypted = facts.IsEncrypted };
    }
}
