using Meerkat.Core.Sessions;

namespace Meerkat.Modules.Caps;

/// <summary>What <c>mod_caps</c> tells other modules about connected clients. Safe for concurrent use.</summary>
public interface ICapabilities
{
    /// <summary>The features of a client, as its last presence announced them and its service discovery proved them.</summary>
    /// <returns>Null while they are not known.</returns>
    IReadOnlyList<string>? FeaturesOf(IBoundSession session);
}
