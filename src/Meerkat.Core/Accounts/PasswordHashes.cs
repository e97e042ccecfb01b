using Meerkat.Xmpp.Sasl;

namespace Meerkat.Core.Accounts;

/// <summary>The configuration's names for hashes and SASL's.</summary>
public static class PasswordHashes
{
    /// <summary>The hashes for which keys are made, in SASL's order.</summary>
    public static ScramHash[] ScramHashes(this PasswordOptions options) => [.. options.Hash.Select(ToScram).Order()];

    /// <summary>The hashes that may be offered (AUTH-031).</summary>
    public static IReadOnlyCollection<ScramHash> Offered(this PasswordOptions options) =>
        options.Format is PasswordFormat.Plain ? ScramCredentials.AllHashes : options.ScramHashes();

    private static ScramHash ToScram(PasswordHash hash) => hash switch
    {
        PasswordHash.Sha => ScramHash.Sha1,
        PasswordHash.Sha224 => ScramHash.Sha224,
        PasswordHash.Sha256 => ScramHash.Sha256,
        PasswordHash.Sha384 => ScramHash.Sha384,
        _ => ScramHash.Sha512,
    };
}
