using System.Collections;
using Meerkat.Xmpp;

namespace Meerkat.Modules.MucLight;

/// <summary>The occupants of a room, each once, in the order of their addresses' bytes. Immutable and safe for concurrent use.</summary>
public sealed class OccupantList : IReadOnlyList<MucLightOccupant>
{
    /// <summary>Of a room that nobody is in.</summary>
    public static readonly OccupantList Empty = new([]);

    private readonly MucLightOccupant[] _sorted;

    private OccupantList(MucLightOccupant[] sorted) => _sorted = sorted;

    /// <inheritdoc/>
    public int Count => _sorted.Length;

    /// <inheritdoc/>
    public MucLightOccupant this[int index] => _sorted[index];

    /// <summary>The owners, in order.</summary>
    public IEnumerable<MucLightOccupant> Owners => _sorted.Where(occupant => occupant.Affiliation is MucLightAffiliation.Owner);

    /// <summary>Makes a list.</summary>
    /// <param name="occupants">In any order; of one address the last counts, and whoever is nothing is left out.</param>
    public static OccupantList Of(IEnumerable<MucLightOccupant> occupants) => Empty.With(occupants);

    /// <summary>What somebody is to the room.</summary>
    public MucLightAffiliation Find(BareJid jid)
    {
        var at = Array.BinarySearch(_sorted, new MucLightOccupant(jid, default), AddressOrder.Instance);
        return at < 0 ? MucLightAffiliation.None : _sorted[at].Affiliation;
    }

    /// <summary>The list after changes.</summary>
    /// <param name="changes">Who becomes what; of one address the last counts.</param>
    public OccupantList With(IEnumerable<MucLightOccupant> changes)
    {
        var all = new Dictionary<BareJid, MucLightOccupant>(_sorted.Length);
        foreach (var occupant in _sorted.Concat(changes))
        {
            all[occupant.Jid] = occupant;
        }

        var sorted = all.Values.Where(occupant => occupant.Affiliation is not MucLightAffiliation.None).ToArray();
        Array.Sort(sorted, AddressOrder.Instance);
        return new OccupantList(sorted);
    }

    /// <summary>Walks the occupants in order.</summary>
    public IEnumerator<MucLightOccupant> GetEnumerator() => ((IEnumerable<MucLightOccupant>)_sorted).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
