using System.Reflection;

namespace Meerkat.Core;

/// <summary>What the server calls itself on the wire.</summary>
public static class Product
{
    /// <summary>Its name.</summary>
    public const string Name = "Meerkat";

    /// <summary>The address that stands for it in entity capabilities (XEP-0115 §4).</summary>
    public const string Uri = "https://meerkat.example/";

    /// <summary>Its version, without what a build adds to it.</summary>
    public static string Version { get; } =
        typeof(Product).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
