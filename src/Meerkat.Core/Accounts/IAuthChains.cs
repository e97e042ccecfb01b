namespace Meerkat.Core.Accounts;

/// <summary>Which chain answers for a domain.</summary>
public interface IAuthChains
{
    /// <returns>The chain of the domain's host type; null when the domain is not served here.</returns>
    AuthChain? For(string domain);
}
