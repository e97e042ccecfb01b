using System.Reflection;

namespace Meerkat.Core.Modules;

/// <summary>A module that can be configured.</summary>
/// <param name="Type">Its class.</param>
/// <param name="Key">Its key in the configuration.</param>
/// <param name="Options">The record of its options; null when it has none.</param>
/// <param name="Needs">Modules that have to be there.</param>
/// <param name="Uses">Modules that start first when they are there.</param>
/// <param name="Xeps">XEPs that it implements.</param>
/// <param name="Rfcs">RFCs that it implements.</param>
public sealed record ModuleDescription(
    Type Type,
    string Key,
    Type? Options,
    IReadOnlyList<string> Needs,
    IReadOnlyList<string> Uses,
    IReadOnlyList<XepAttribute> Xeps,
    IReadOnlyList<int> Rfcs)
{
    /// <summary>Those of <see cref="Needs"/> that get this module's options when they are not configured.</summary>
    public IReadOnlyList<string> SharesOptionsWith { get; init; } = [];

    /// <summary>Describes a module's class by its attributes.</summary>
    /// <exception cref="ArgumentException">The class is no module.</exception>
    public static ModuleDescription Of(Type type)
    {
        var module = type.GetCustomAttribute<ModuleAttribute>() ?? throw new ArgumentException($"{type} has no [Module]", nameof(type));
        return new ModuleDescription(
            type,
            module.Key,
            module.Options,
            [.. type.GetCustomAttributes<NeedsAttribute>().Select(needs => needs.Key)],
            [.. type.GetCustomAttributes<UsesAttribute>().Select(uses => uses.Key)],
            [.. type.GetCustomAttributes<XepAttribute>()],
            [.. type.GetCustomAttributes<RfcAttribute>().Select(rfc => rfc.Number)])
        {
            SharesOptionsWith = [.. type.GetCustomAttributes<NeedsAttribute>().Where(needs => needs.SharesOptions).Select(needs => needs.Key)],
        };
    }
}

/// <summary>The modules that exist, by key. Made once, by looking through assemblies.</summary>
public sealed class ModuleCatalogue
{
    private readonly SortedDictionary<string, ModuleDescription> _modules = new(StringComparer.Ordinal);

    /// <summary>Looks through assemblies for classes with <see cref="ModuleAttribute"/>.</summary>
    /// <exception cref="ArgumentException">Two classes have the same key.</exception>
    public ModuleCatalogue(params IEnumerable<Assembly> assemblies)
    {
        foreach (var type in assemblies.SelectMany(assembly => assembly.GetTypes()).Where(type => type.IsDefined(typeof(ModuleAttribute), false)))
        {
            var module = ModuleDescription.Of(type);
            if (!_modules.TryAdd(module.Key, module))
            {
                throw new ArgumentException($"{module.Key} is both {_modules[module.Key].Type} and {type}", nameof(assemblies));
            }
        }
    }

    /// <summary>All modules, by key.</summary>
    public IReadOnlyCollection<ModuleDescription> All => _modules.Values;

    /// <summary>Finds a module; null when there is none of that key.</summary>
    public ModuleDescription? Find(string key) => _modules.GetValueOrDefault(key);

    /// <summary>Adds what the wanted modules need and orders them so that each starts after what it needs and uses (CONF-219).</summary>
    /// <param name="wanted">Keys of the configured modules.</param>
    /// <returns>The modules in the order of their start.</returns>
    /// <exception cref="InvalidOperationException">A needed module does not exist, or modules need each other in a circle (CONF-034).</exception>
    public IReadOnlyList<ModuleDescription> Order(IEnumerable<string> wanted)
    {
        var all = new SortedSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>(wanted);
        while (open.TryDequeue(out var key))
        {
            if (all.Add(key))
            {
                foreach (var need in Get(key).Needs)
                {
                    open.Enqueue(need);
                }
            }
        }

        var ordered = new List<ModuleDescription>();
        var visiting = new List<string>();
        foreach (var key in all)
        {
            Visit(key);
        }

        return ordered;

        void Visit(string key)
        {
            var module = Get(key);
            if (ordered.Contains(module))
            {
                return;
            }

            if (visiting.Contains(key))
            {
                throw new InvalidOperationException($"modules need each other in a circle: {string.Join(" → ", visiting)} → {key}");
            }

            visiting.Add(key);
            foreach (var before in module.Needs.Concat(module.Uses.Where(all.Contains)))
            {
                Visit(before);
            }

            visiting.RemoveAt(visiting.Count - 1);
            ordered.Add(module);
        }

        ModuleDescription Get(string key) => Find(key) ?? throw new InvalidOperationException($"there is no module {key}");
    }
}
