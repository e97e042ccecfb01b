using System.Security.Cryptography;
using Meerkat.Modules.Disco;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Caps;

/// <summary>What stands for an entity's capabilities: a hash that its service discovery must yield.</summary>
/// <param name="Version">The protocol.</param>
/// <param name="Algorithm">Name of the hash function (XEP-0300).</param>
/// <param name="Value">The hash in base 64.</param>
/// <param name="Node">The node to ask for what it stands for.</param>
internal sealed record CapsHash(CapsVersion Version, string Algorithm, string Value, string Node)
{
    /// <summary>Key among hashes: the node that a client made up does not matter.</summary>
    public (CapsVersion Version, string Algorithm, string Value) Key => (Version, Algorithm, Value);

    /// <summary>The hash of information that is our own.</summary>
    public static CapsHash Of(DiscoInfo info, CapsVersion version, string algorithm, string uri)
    {
        var input = (version is CapsVersion.V1 ? VerificationString.Make(info) : HashInput.Make(info, null)) ?? throw new ArgumentException("cannot be hashed", nameof(info));
        var value = Convert.ToBase64String(Hash(algorithm, input)!);
        return new CapsHash(version, algorithm, value, version is CapsVersion.V1 ? $"{uri}#{value}" : $"{Ns.Caps2}#{algorithm}.{value}");
    }

    /// <summary>The hashes that a presence announces and that can be checked here, best first.</summary>
    /// <param name="presence">The presence.</param>
    /// <param name="versions">The protocols, in order.</param>
    public static IReadOnlyList<CapsHash> Read(Presence presence, IReadOnlyList<CapsVersion> versions)
    {
        var found = new List<CapsHash>();
        foreach (var version in versions)
        {
            if (version is CapsVersion.V1)
            {
                // Without "hash" it is the legacy format of XEP-0115 before 1.4, which proves nothing.
                if (presence.Child("c", Ns.Caps) is { } c && c.Attribute("hash") is { } algorithm && IsKnown(algorithm)
                    && c.Attribute("ver") is { Length: > 0 } ver && c.Attribute("node") is { Length: > 0 } node)
                {
                    found.Add(new CapsHash(version, algorithm, ver, $"{node}#{ver}"));
                }
            }
            else if (presence.Child("c", Ns.Caps2) is { } set)
            {
                // XEP-0414: SHA-1 proves nothing any more.
                found.AddRange(set.Children.Where(hash => hash.Is("hash", Ns.Hashes))
                    .Select(hash => (Algorithm: hash.Attribute("algo") ?? "", Value: hash.Text.Trim()))
                    .Where(hash => hash.Algorithm != "sha-1" && IsKnown(hash.Algorithm) && hash.Value.Length > 0)
                    .Select(hash => new CapsHash(version, hash.Algorithm, hash.Value, $"{Ns.Caps2}#{hash.Algorithm}.{hash.Value}")));
            }
        }

        return found;
    }

    /// <summary>Whether information is what the hash stands for.</summary>
    /// <param name="info">The information.</param>
    /// <param name="lang">Language of the answer; null when it has none.</param>
    public bool Verifies(DiscoInfo info, string? lang) =>
        (Version is CapsVersion.V1 ? VerificationString.Make(info) : HashInput.Make(info, lang)) is { } input
        && Convert.ToBase64String(Hash(Algorithm, input)!) == Value;

    /// <summary>The element of a presence or of stream features.</summary>
    public XmlElement ToXml(string uri) => Version is CapsVersion.V1
        ? new XmlBuilder("c", Ns.Caps).Attribute("hash", Algorithm).Attribute("node", uri).Attribute("ver", Value).Build()
        : new XmlBuilder("c", Ns.Caps2).Start("hash", Ns.Hashes).Attribute("algo", Algorithm).Text(Value).Build();

    private static bool IsKnown(string algorithm) => algorithm is "sha-1" or "sha-256" or "sha-384" or "sha-512" || (algorithm is "sha3-256" && SHA3_256.IsSupported);

    private static byte[]? Hash(string algorithm, byte[] input) => algorithm switch
    {
        "sha-1" => Sha1(input),
        "sha-256" => SHA256.HashData(input),
        "sha-384" => SHA384.HashData(input),
        "sha-512" => SHA512.HashData(input),
        "sha3-256" => SHA3_256.HashData(input),
        _ => null,
    };

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "XEP-0115 §5 names it; what it protects is a list of features.")]
    private static byte[] Sha1(byte[] input) => SHA1.HashData(input);
}
