using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Modules.PrivateStorage;

namespace Meerkat.Server.Running;

/// <summary>The modules that this server has.</summary>
public static class ModulesHere
{
    /// <summary>All of them.</summary>
    public static ModuleCatalogue Catalogue { get; } = new(typeof(PrivateStorageModule).Assembly);

    /// <summary>Key to options record, for the configuration.</summary>
    public static IReadOnlyDictionary<string, Type> Options { get; } =
        Catalogue.All.ToDictionary(module => module.Key, module => module.Options ?? typeof(NoOptions));
}
