using System.Net;

namespace Meerkat.Core.Sessions;

/// <summary>What is known of a session beside its address (CORE-120).</summary>
/// <param name="Transport"><c>tcp</c>, <c>tls</c>, <c>websocket</c> or <c>memory</c>.</param>
/// <param name="Remote">The peer's address, or null.</param>
/// <param name="AuthMethod">The method that authenticated the user: <c>internal</c>, <c>anonymous</c>, ...</param>
/// <param name="Mechanism">The SASL mechanism.</param>
/// <param name="StreamId">Id of the stream, as logs show it.</param>
public sealed record SessionInfo(string Transport, IPEndPoint? Remote, string AuthMethod, string Mechanism, string StreamId);
