using System.Collections.Frozen;
using Meerkat.Xml;

namespace Meerkat.Core.Routing;

/// <summary>Who serves which IQ payload in a host type. Frozen; safe for concurrent use.</summary>
public sealed class IqTable
{
    private readonly FrozenDictionary<string, Entry[]> _byNamespace;

    private IqTable(FrozenDictionary<string, Entry[]> byNamespace) => _byNamespace = byNamespace;

    /// <summary>The namespaces served on the domain: each is a feature of the server (DSC-005).</summary>
    public IEnumerable<string> DomainNamespaces =>
        _byNamespace.Where(pair => pair.Value.Any(entry => entry.Target is IqTarget.Domain)).Select(pair => pair.Key);

    /// <summary>Finds the handler of a payload.</summary>
    /// <param name="payload">The request's first child.</param>
    /// <param name="onDomain">Whether the domain is addressed (else an account).</param>
    /// <param name="target">What the handler serves.</param>
    /// <returns>The handler, or null when nobody serves this.</returns>
    internal IqHandler? Find(XmlElement payload, bool onDomain, out IqTarget target)
    {
        if (_byNamespace.TryGetValue(payload.Namespace, out var entries))
        {
            foreach (var entry in entries)
            {
                if (entry.Target is IqTarget.Domain == onDomain && (entry.Name is null || entry.Name == payload.Name))
                {
                    target = entry.Target;
                    return entry.Handler;
                }
            }
        }

        target = default;
        return null;
    }

    private readonly record struct Entry(string? Name, IqTarget Target, IqHandler Handler, string Owner);

    /// <summary>Collects handlers while a host type is built.</summary>
    public sealed class Builder
    {
        private readonly Dictionary<string, List<Entry>> _entries = [];

        /// <summary>Adds a handler.</summary>
        /// <exception cref="InvalidOperationException">Another module serves the same payload at the same addresses.</exception>
        public void Add(string ns, string? name, IqTarget target, IqHandler handler, string owner)
        {
            var entries = _entries.TryGetValue(ns, out var known) ? known : _entries[ns] = [];
            foreach (var entry in entries)
            {
                if (entry.Target is IqTarget.Domain == (target is IqTarget.Domain) && (entry.Name is null || name is null || entry.Name == name))
                {
                    throw new InvalidOperationException($"{owner}: IQ payload {name ?? "*"} in {ns} is already served by {entry.Owner}");
                }
            }

            entries.Add(new Entry(name, target, handler, owner));
        }

        /// <summary>The frozen table.</summary>
        public IqTable Build() => new(_entries.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.ToArray()));
    }
}
