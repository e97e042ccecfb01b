using System.Security.Cryptography;
using System.Text;

namespace Meerkat.Core.Accounts;

/// <summary>Checks signatures of JSON Web Tokens with one key and by one algorithm (RFC 7515, RFC 7518 §3). Safe for concurrent use.</summary>
internal sealed class JwtSignature : IDisposable
{
    private readonly Lock _gate = new(); // the framework's keys are not for several threads
    private readonly HashAlgorithmName _hash;
    private readonly byte[]? _secret;
    private readonly RSA? _rsa;
    private readonly ECDsa? _curve;

    /// <summary>A check with a key.</summary>
    /// <param name="algorithm">The algorithm.</param>
    /// <param name="key">A shared secret, or a public key as PEM.</param>
    /// <exception cref="ArgumentException">The key is none of the algorithm.</exception>
    public JwtSignature(JwtAlgorithm algorithm, string key)
    {
        // The reference's 386 is 384.
        var name = algorithm.ToString().Replace("386", "384", StringComparison.Ordinal);
        Name = name;
        _hash = name[2..] switch
        {
            "256" => HashAlgorithmName.SHA256,
            "384" => HashAlgorithmName.SHA384,
            _ => HashAlgorithmName.SHA512,
        };
        try
        {
            switch (name[..2])
            {
                case "HS":
                    _secret = Encoding.UTF8.GetBytes(key);
                    break;
                case "RS":
                    _rsa = RSA.Create();
                    _rsa.ImportFromPem(key);
                    break;
                default:
                    _curve = ECDsa.Create();
                    _curve.ImportFromPem(key);
                    break;
            }
        }
        catch (CryptographicException unfit)
        {
            throw new ArgumentException($"the key is none for {name}", nameof(key), unfit);
        }
    }

    /// <summary>The name that tokens have to give in their header.</summary>
    public string Name { get; }

    /// <summary>Whether a signature is right.</summary>
    /// <param name="signed">What is signed: header and claims as they stand in the token, with the dot between.</param>
    /// <param name="signature">The signature.</param>
    public bool IsRight(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        if (_secret is not null)
        {
            Span<byte> own = stackalloc byte[HMACSHA512.HashSizeInBytes];
            var length = _hash == HashAlgorithmName.SHA256 ? HMACSHA256.HashData(_secret, signed, own)
                : _hash == HashAlgorithmName.SHA384 ? HMACSHA384.HashData(_secret, signed, own)
                : HMACSHA512.HashData(_secret, signed, own);
            return CryptographicOperations.FixedTimeEquals(own[..length], signature);
        }

        lock (_gate)
        {
            return _rsa?.VerifyData(signed, signature, _hash, RSASignaturePadding.Pkcs1) ?? _curve!.VerifyData(signed, signature, _hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rsa?.Dispose();
        _curve?.Dispose();
    }
}
