namespace Meerkat.Core.Streams;

/// <summary>How an account was authenticated.</summary>
/// <param name="Method">The method that let it in: <c>internal</c>, <c>anonymous</c>, <c>pki</c>, ... (AUTH-007).</param>
/// <param name="Mechanism">The SASL mechanism.</param>
public sealed record Login(string Method, string Mechanism)
{
    /// <summary>What <see cref="Method"/> is for accounts that go with their last session (AUTH-061).</summary>
    internal const string Anonymous = "anonymous";

    /// <summary>Whether the account is one that goes with its last session.</summary>
    internal bool IsAnonymous => Method == Anonymous;
}
