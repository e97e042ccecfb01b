using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Parameters;

namespace Meerkat.Xmpp.Sasl;

/// <summary>The functions H, HMAC and Hi of RFC 5802 §2.2, for every <see cref="ScramHash"/>.</summary>
/// <remarks>The framework has all hashes but SHA-224, which is BouncyCastle's.</remarks>
internal static class ScramFunctions
{
    /// <summary>The largest output of any of the hashes, in octets.</summary>
    public const int MaxSize = 64;

    /// <summary>The output of the hash, in octets.</summary>
    public static int Size(this ScramHash hash) => hash switch
    {
        ScramHash.Sha1 => 20,
        ScramHash.Sha224 => 28,
        ScramHash.Sha256 => 32,
        ScramHash.Sha384 => 48,
        ScramHash.Sha512 => 64,
        _ => throw new ArgumentOutOfRangeException(nameof(hash)),
    };

    /// <summary>H(str).</summary>
    public static byte[] H(this ScramHash hash, ReadOnlySpan<byte> data)
    {
        if (hash is not ScramHash.Sha224)
        {
            return CryptographicOperations.HashData(NameOf(hash), data);
        }

        var digest = new Sha224Digest();
        var result = new byte[digest.GetDigestSize()];
        digest.BlockUpdate(data);
        digest.DoFinal(result);
        return result;
    }

    /// <summary>HMAC(key, str).</summary>
    public static byte[] Hmac(this ScramHash hash, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data)
    {
        if (hash is not ScramHash.Sha224)
        {
            return CryptographicOperations.HmacData(NameOf(hash), key, data);
        }

        var mac = new HMac(new Sha224Digest());
        var result = new byte[mac.GetMacSize()];
        mac.Init(new KeyParameter(key));
        mac.BlockUpdate(data);
        mac.DoFinal(result);
        return result;
    }

    /// <summary>Hi(str, salt, i): PBKDF2 with one block of output. Costs milliseconds, on purpose.</summary>
    public static byte[] Hi(this ScramHash hash, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations)
    {
        if (hash is not ScramHash.Sha224)
        {
            return Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, NameOf(hash), hash.Size());
        }

        PbeParametersGenerator generator = new Pkcs5S2ParametersGenerator(new Sha224Digest());
        generator.Init(password.ToArray(), salt.ToArray(), iterations);
        return ((KeyParameter)generator.GenerateDerivedMacParameters(hash.Size() * 8)).GetKey();
    }

    private static HashAlgorithmName NameOf(ScramHash hash) => hash switch
    {
        ScramHash.Sha1 => HashAlgorithmName.SHA1,
        ScramHash.Sha256 => HashAlgorithmName.SHA256,
        ScramHash.Sha384 => HashAlgorithmName.SHA384,
        ScramHash.Sha512 => HashAlgorithmName.SHA512,
        _ => throw new ArgumentOutOfRangeException(nameof(hash)),
    };
}
