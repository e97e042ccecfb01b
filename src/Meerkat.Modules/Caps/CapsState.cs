using Meerkat.Core.Sessions;
using Meerkat.Xml;

namespace Meerkat.Modules.Caps;

/// <summary>What a session's last presence announced, and what that stands for. Immutable.</summary>
/// <param name="Hashes">The hashes announced, best first.</param>
/// <param name="Features">The features; null while they are not known.</param>
internal sealed record CapsState(IReadOnlyList<CapsHash> Hashes, IReadOnlyList<string>? Features)
{
    private const string Namespace = "meerkat:caps"; // never leaves the server

    /// <summary>Where it is kept.</summary>
    public static readonly SessionStateKey<CapsState> Key = new("caps", state => state.Encode(), Decode);

    /// <summary>Whether a presence announced the same again.</summary>
    public bool Announces(IReadOnlyList<CapsHash> hashes) => Hashes.SequenceEqual(hashes);

    /// <summary>The record of its element.</summary>
    public static CapsState Decode(XmlElement element) => new(
        [
            .. element.Children.Where(child => child.Name == "hash").Select(hash => new CapsHash(
                Enum.Parse<CapsVersion>(hash.Attribute("version")!), hash.Attribute("algorithm")!, hash.Attribute("value")!, hash.Attribute("node")!)),
        ],
        element.Child("features")?.Children.Select(feature => feature.Text).ToArray());

    /// <summary>The element of the record.</summary>
    public XmlElement Encode()
    {
        var state = new XmlBuilder("caps", Namespace);
        foreach (var hash in Hashes)
        {
            state.Start("hash").Attribute("version", hash.Version.ToString()).Attribute("algorithm", hash.Algorithm)
                .Attribute("value", hash.Value).Attribute("node", hash.Node).End();
        }

        if (Features is not null)
        {
            state.Start("features");
            foreach (var feature in Features)
            {
                state.Element("feature", feature);
            }
        }

        return state.Build();
    }
}
