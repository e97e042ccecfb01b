using System.Runtime.CompilerServices;
using Meerkat.Core.Storage;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.PrivateStorage;

/// <summary>The reference implementation of <see cref="IPrivateStore"/>, in memory.</summary>
public sealed class MemoryPrivateStore : IPrivateStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(BareJid Owner, string Namespace), XmlElement> _fragments = [];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<XmlElement>> GetAsync(BareJid owner, IReadOnlyList<XmlElement> asked, CancellationToken ct)
    {
        lock (_gate)
        {
            return new([.. asked.Select(element => _fragments.GetValueOrDefault((owner, element.Namespace), element))]);
        }
    }

    /// <inheritdoc/>
    public ValueTask SetAsync(BareJid owner, IReadOnlyList<XmlElement> fragments, CancellationToken ct)
    {
        lock (_gate)
        {
            foreach (var fragment in fragments)
            {
                _fragments[(owner, fragment.Namespace)] = fragment.Detach();
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => RemoveWhere(key => key.Owner.Equals(account));

    /// <inheritdoc/>
    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => RemoveWhere(key => key.Owner.Domain == domain);

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        IReadOnlyList<IReadOnlyList<string>> rows;
        lock (_gate)
        {
            rows = [.. _fragments.Where(pair => pair.Key.Owner.Equals(account)).Select(pair => (IReadOnlyList<string>)[pair.Key.Namespace, pair.Value.ToString()])];
        }

        await Task.CompletedTask;
        if (rows.Count > 0)
        {
            yield return new PersonalDataSection("private", ["ns", "xml"], rows);
        }
    }

    private ValueTask RemoveWhere(Predicate<(BareJid Owner, string Namespace)> matches)
    {
        lock (_gate)
        {
            foreach (var key in _fragments.Keys.Where(key => matches(key)).ToArray())
            {
                _fragments.Remove(key);
            }
        }

        return ValueTask.CompletedTask;
    }
}
