using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Meerkat.Connections.Bosh;

/// <summary>The key sequence of a session (XEP-0124 §15): each request shows what the hash of the one before was made of, so that nobody else can put one in between.</summary>
[SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "XEP-0124 §15.3 names SHA-1; what is used is that it cannot be turned round.")]
internal sealed class BoshKeys
{
    private string? _last;

    /// <summary>Takes the keys of the next request in order.</summary>
    /// <param name="key">Its <c>key</c>.</param>
    /// <param name="newKey">Its <c>newkey</c>.</param>
    /// <returns>False when the request is not the client's.</returns>
    public bool TryAdvance(string? key, string? newKey)
    {
        if (_last is not null && (key is null || !Hash(key).Equals(_last, StringComparison.OrdinalIgnoreCase)))
        {
            return false;
        }

        _last = newKey ?? (_last is null ? null : key);
        return true;
    }

    // §15.3: over the hexadecimal text, not over what it stands for.
    private static string Hash(string key) => Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(key)));
}
