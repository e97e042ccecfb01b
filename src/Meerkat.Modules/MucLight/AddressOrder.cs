using Meerkat.Xmpp;

namespace Meerkat.Modules.MucLight;

/// <summary>Orders addresses by their bytes in UTF-8, as databases do.</summary>
internal sealed class AddressOrder : IComparer<BareJid>, IComparer<MucLightOccupant>
{
    public static readonly AddressOrder Instance = new();

    public int Compare(BareJid? x, BareJid? y) => x!.Utf8.SequenceCompareTo(y!.Utf8);

    public int Compare(MucLightOccupant x, MucLightOccupant y) => Compare(x.Jid, y.Jid);
}
