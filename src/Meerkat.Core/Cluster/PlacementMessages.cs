using Meerkat.Xml;

namespace Meerkat.Core.Cluster;

/// <summary>What nodes say about single writers.</summary>
internal static class PlacementMessages
{
    private const string Namespace = "meerkat:places";

    /// <summary>A key with its kind.</summary>
    public static string Name(string kind, string key) => $"{kind}\n{key}";

    public static byte[] Ask(string kind, string key, long question, XmlElement command) =>
        new XmlBuilder("ask", Namespace).Attribute("kind", kind).Attribute("key", key).Attribute("id", RegistryMessages.Text(question)).Add(command).Build().ToUtf8();

    public static byte[] IsTaken(long question) => new XmlBuilder("is-taken", Namespace).Attribute("id", RegistryMessages.Text(question)).Build().ToUtf8();

    public static byte[] Taken(bool isTaken) => new XmlBuilder(isTaken ? "taken" : "unknown", Namespace).Build().ToUtf8();

    public static byte[] Done(XmlElement reply) => new XmlBuilder("done", Namespace).Add(reply).Build().ToUtf8();

    public static byte[] Moved(ClusterNode node) => new XmlBuilder("moved", Namespace).Attribute("to", node.ToString()).Build().ToUtf8();

    public static byte[] Stale() => new XmlBuilder("stale", Namespace).Build().ToUtf8();

    public static byte[] Busy() => new XmlBuilder("busy", Namespace).Build().ToUtf8();

    public static byte[] Unavailable(string reason) => new XmlBuilder("unavailable", Namespace).Text(reason).Build().ToUtf8();

    public static byte[] Gone(string name) => new XmlBuilder("gone", Namespace).Text(name).Build().ToUtf8();

    public static byte[] Which(string kind) => new XmlBuilder("which", Namespace).Attribute("kind", kind).Build().ToUtf8();

    public static byte[] Keys(IEnumerable<string> keys) => WithKeys(new XmlBuilder("keys", Namespace), keys);

    /// <summary>Keys with their kinds that a node has; none says that it has told all.</summary>
    public static byte[] Here(ClusterView view, IReadOnlyCollection<string> names) =>
        WithKeys(new XmlBuilder("here", Namespace).Attribute("view", RegistryMessages.Text(view.Version)).Attribute("last", names.Count == 0 ? "1" : null), names);

    public static IEnumerable<string> KeysIn(XmlElement element)
    {
        var keys = new List<string>();
        foreach (var child in element.Children)
        {
            keys.Add(child.Text);
        }

        return keys;
    }

    private static byte[] WithKeys(XmlBuilder builder, IEnumerable<string> keys)
    {
        foreach (var key in keys)
        {
            builder.Element("key", key);
        }

        return builder.Build().ToUtf8();
    }
}
