namespace Meerkat.Core.Accounts;

/// <summary>No method lets somebody in, and at least one could not be asked: whether the credentials are right is not known. What failed is in the log already.</summary>
/// <remarks>A stream answers <c>temporary-auth-failure</c> (RFC 6120 §6.5.11): a client that is told <c>not-authorized</c> throws its password away.</remarks>
/// <param name="account">Who wanted to log in.</param>
public sealed class AuthUndecidedException(string account) : Exception($"no authentication method could decide about {account}");
