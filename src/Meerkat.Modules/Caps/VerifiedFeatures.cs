using System.Collections.Concurrent;

namespace Meerkat.Modules.Caps;

/// <summary>Features by the hash that stands for them. Only what was verified comes in, and only so much stays. Safe for concurrent use.</summary>
/// <remarks>Two generations: when the younger is full the older is forgotten, so that what is asked for often stays and nothing has to be counted.</remarks>
internal sealed class VerifiedFeatures
{
    /// <summary>How many hashes are known at most.</summary>
    public const int Capacity = 1000;

    /// <summary>Information with more features, or longer ones together, is used for its session and not kept.</summary>
    private const int MaxFeatures = 400;
    private const int MaxCharacters = 32 * 1024;

    private volatile ConcurrentDictionary<(CapsVersion, string, string), IReadOnlyList<string>> _young = new();
    private volatile ConcurrentDictionary<(CapsVersion, string, string), IReadOnlyList<string>> _old = new();

    /// <summary>How many hashes are known.</summary>
    public int Count => _young.Count + _old.Count;

    /// <summary>The features that a hash stands for; null when that is not known.</summary>
    public IReadOnlyList<string>? Find(CapsHash hash)
    {
        if (_young.TryGetValue(hash.Key, out var features))
        {
            return features;
        }

        if (_old.TryRemove(hash.Key, out features))
        {
            Put(hash, features);
        }

        return features;
    }

    /// <summary>Keeps what was verified.</summary>
    public void Add(CapsHash hash, IReadOnlyList<string> features)
    {
        if (features.Count <= MaxFeatures && features.Sum(feature => feature.Length) <= MaxCharacters)
        {
            Put(hash, features);
        }
    }

    private void Put(CapsHash hash, IReadOnlyList<string> features)
    {
        if (_young.Count >= Capacity / 2)
        {
            _old = _young;
            _young = new();
        }

        _young[hash.Key] = features;
    }
}
