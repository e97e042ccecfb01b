using System.Reflection;

namespace Meerkat.Core;

/// <summary>What the server calls itself on the wire.</summary>
public static class Product
{
    /// <summary>Its name.</summary>
    public const string Name = "Meerkat";

    /// <summary>What stands for it in entity capabilities (XEP-0115 §4: a URI that no other software has). A name and no address: it is the same wherever the project lives.</summary>
    public const string Uri = "urn:uuid:6f1c2a8e-51d4-4c6b-9a38-2e7d0b94f3c5";

    /// <summary>Its version, without what a build adds to it.</summary>
    public static string Version { get; } =
        typeof(Product).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
