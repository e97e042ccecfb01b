namespace Meerkat.Core.Streams;

/// <summary>How an account was authenticated.</summary>
/// <param name="Method">The method that let it in: <c>internal</c>, <c>anonymous</c>, <c>pki</c>, ... (AUTH-007).</param>
/// <param name="Mechanism">The SASL mechanism.</param>
public sealed record Login(string Method, string Mechanism);
