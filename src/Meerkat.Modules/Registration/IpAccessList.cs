using System.Net;

namespace Meerkat.Modules.Registration;

/// <summary>From where accounts may be registered (AUTH-139).</summary>
internal sealed class IpAccessList(IReadOnlyList<IpAccessOptions> entries)
{
    private readonly (IpRange Range, bool IsAllowed)[] _entries =
        [.. entries.Select(entry => (IpRange.TryParse(entry.Address, out var range) ? range : throw new ArgumentException($"no range: {entry.Address}", nameof(entries)), entry.Policy is IpPolicy.Allow))];

    /// <summary>Whether a peer may register: the first entry that holds its address decides, and none allows. A peer without an address passes only where there is no list.</summary>
    public bool Allows(IPAddress? peer)
    {
        if (peer is null)
        {
            return _entries is [];
        }

        foreach (var (range, isAllowed) in _entries)
        {
            if (range.Contains(peer))
            {
                return isAllowed;
            }
        }

        return true;
    }
}
