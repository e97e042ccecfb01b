using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Meerkat.Load.Client;

/// <summary>The client's side of SCRAM-SHA-1 without channel binding (RFC 5802 §5).</summary>
[SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "SCRAM-SHA-1 is the mechanism that all the servers share.")]
internal sealed class ScramExchange(string localpart, string password)
{
    private readonly string _firstBare = $"n={localpart},r={Convert.ToHexString(RandomNumberGenerator.GetBytes(12))}";
    private byte[] _serverSignature = [];

    public string First() => Base64($"n,,{_firstBare}");

    public string Final(string challenge)
    {
        var serverFirst = Encoding.UTF8.GetString(Convert.FromBase64String(challenge));
        var fields = serverFirst.Split(',');
        var (nonce, salt, rounds) = (fields[0][2..], fields[1][2..], int.Parse(fields[2][2..]));
        var keys = ScramKeys.For(password, salt, rounds);

        var withoutProof = $"c=biws,r={nonce}";
        var signed = Encoding.UTF8.GetBytes($"{_firstBare},{serverFirst},{withoutProof}");
        _serverSignature = HMACSHA1.HashData(keys.ServerKey, signed);

        var proof = HMACSHA1.HashData(keys.StoredKey, signed);
        for (var i = 0; i < proof.Length; i++)
        {
            proof[i] ^= keys.ClientKey[i];
        }

        return Base64($"{withoutProof},p={Convert.ToBase64String(proof)}");
    }

    /// <summary>A server that cannot prove that it knows the keys did not do the work that is being measured.</summary>
    public bool IsServerProved(string additionalData) =>
        Encoding.UTF8.GetString(Convert.FromBase64String(additionalData)).Contains(Convert.ToBase64String(_serverSignature), StringComparison.Ordinal);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
