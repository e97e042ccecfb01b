using Meerkat.Core.Sessions;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Carbons;

/// <summary>A session has carbons enabled.</summary>
/// <param name="Namespace">The version that it speaks: <see cref="Ns.Carbons"/> or <see cref="Ns.CarbonsOld"/>.</param>
internal sealed record CarbonState(string Namespace)
{
    public static readonly CarbonState Current = new(Ns.Carbons);

    public static readonly CarbonState Old = new(Ns.CarbonsOld);

    public static readonly SessionStateKey<CarbonState> Key = new(
        "carbons",
        state => new XmlBuilder("enable", state.Namespace).Build(),
        element => element.IsIn(Ns.CarbonsOld) ? Old : Current);
}
