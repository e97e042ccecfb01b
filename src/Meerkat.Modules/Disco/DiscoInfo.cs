using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Disco;

/// <summary>What kind of thing an entity is (XEP-0030 §3.1).</summary>
/// <param name="Category">Category, such as <c>server</c>.</param>
/// <param name="Type">Type in the category, such as <c>im</c>.</param>
/// <param name="Name">A name for people; null for none.</param>
/// <param name="Lang">Language of the name; null where none is given.</param>
public sealed record DiscoIdentity(string Category, string Type, string? Name = null, string? Lang = null);

/// <summary>What an entity, or a node of it, says about itself (XEP-0030 §3). Immutable.</summary>
/// <param name="Identities">What it is.</param>
/// <param name="Features">What it can do.</param>
public sealed record DiscoInfo(IReadOnlyList<DiscoIdentity> Identities, IReadOnlyList<string> Features)
{
    /// <summary>Further information (XEP-0128).</summary>
    public IReadOnlyList<DataForm> Forms { get; init; } = [];

    /// <summary>Reads the payload of an answer.</summary>
    /// <returns>Null when it is none, or holds what XEP-0030 and XEP-0128 do not put there.</returns>
    public static DiscoInfo? Read(XmlElement query)
    {
        if (!query.Is("query", Ns.DiscoInfo))
        {
            return null;
        }

        var identities = new List<DiscoIdentity>();
        var features = new List<string>();
        var forms = new List<DataForm>();
        foreach (var child in query.Children)
        {
            if (child.Is("identity", Ns.DiscoInfo) && child.Attribute("category") is { } category && child.Attribute("type") is { } type)
            {
                identities.Add(new DiscoIdentity(category, type, child.Attribute("name"), child.Attribute("lang", XmlNames.XmlNamespace)));
            }
            else if (child.Is("feature", Ns.DiscoInfo) && child.Attribute("var") is { } feature)
            {
                features.Add(feature);
            }
            else if (DataForm.TryRead(child, out var form))
            {
                forms.Add(form);
            }
            else
            {
                return null;
            }
        }

        return new DiscoInfo(identities, features) { Forms = forms };
    }

    /// <summary>The payload of an answer.</summary>
    /// <param name="node">The node that was asked for; null for the entity itself.</param>
    public XmlElement ToXml(string? node = null)
    {
        var query = new XmlBuilder("query", Ns.DiscoInfo).Attribute("node", node);
        foreach (var identity in Identities)
        {
            query.Start("identity").Lang(identity.Lang)
                .Attribute("category", identity.Category).Attribute("type", identity.Type).Attribute("name", identity.Name).End();
        }

        foreach (var feature in Features)
        {
            query.Start("feature").Attribute("var", feature).End();
        }

        return query.Add(Forms.Select(form => form.ToXml())).Build();
    }

    /// <summary>Both together: identities and forms in order, features sorted and each once.</summary>
    internal DiscoInfo With(DiscoInfo more) => new(
        [.. Identities, .. more.Identities],
        [.. Features.Concat(more.Features).Distinct().Order(StringComparer.Ordinal)])
    {
        Forms = [.. Forms, .. more.Forms],
    };
}
