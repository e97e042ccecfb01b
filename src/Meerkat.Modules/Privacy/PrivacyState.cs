using Meerkat.Core.Sessions;
using Meerkat.Xml;

namespace Meerkat.Modules.Privacy;

/// <summary>The list that a session made active (XEP-0016 §2.4): its name, so that a changed list is seen at once.</summary>
/// <param name="Active">Name of the list.</param>
internal sealed record PrivacyState(string Active)
{
    public static readonly SessionStateKey<PrivacyState> Key = new(
        "privacy",
        state => new XmlBuilder("active", "meerkat:privacy").Attribute("name", state.Active).Build(),
        element => new PrivacyState(element.Attribute("name")!));
}
