using Mono.Cecil;

namespace Meerkat.Architecture.Tests;

/// <summary>A module never calls another module's class: it fires a hook, or takes a contract that the other one offers (house style, "A module").</summary>
internal static class Features
{
    /// <summary>What classes of one feature use of another that is not a contract; one line each.</summary>
    /// <param name="assembly">Has one namespace for each feature below <paramref name="root"/>.</param>
    /// <param name="root">The namespace around them.</param>
    public static IEnumerable<string> Violations(AssemblyDefinition assembly, string root)
    {
        foreach (var type in Code.TypesOf(assembly))
        {
            if (FeatureOf(type, root) is not { } feature)
            {
                continue;
            }

            foreach (var used in Code.ReferencesOf(type).Select(Resolve).OfType<TypeDefinition>())
            {
                if (FeatureOf(used, root) is { } other && other != feature && !IsContract(used))
                {
                    yield return $"{Code.Outermost(type).FullName} uses {used.FullName}";
                }
            }
        }
    }

    // A contract: an interface, an enumeration, a delegate, a value (record, or a type without behaviour of a module), the hooks that others may fill, an exception. Never a module, its options, stores or operations.
    private static bool IsContract(TypeDefinition type)
    {
        type = Code.Outermost(type);
        return type.IsInterface || type.IsEnum || type.BaseType?.FullName is "System.MulticastDelegate"
            || type.Name.EndsWith("Hooks", StringComparison.Ordinal) || IsContextOfHook(type)
            || (type.IsPublic && !IsBehaviour(type) && (IsRecord(type) || type.IsValueType || IsImmutableClass(type) || type.Name.EndsWith("Exception", StringComparison.Ordinal)));
    }

    // What a hook hands to its handlers.
    private static bool IsContextOfHook(TypeDefinition type) => type.Module.Types
        .Where(hooks => hooks.Namespace == type.Namespace && hooks.Name.EndsWith("Hooks", StringComparison.Ordinal))
        .SelectMany(hooks => hooks.Fields)
        .Any(hook => hook.FieldType is GenericInstanceType { ElementType.Name: "Hook`2" } made && made.GenericArguments[0].FullName == type.FullName);

    private static bool IsBehaviour(TypeDefinition type) =>
        type.Interfaces.Any(implemented => implemented.InterfaceType.Name is "IModule" or "IAccountData" || implemented.InterfaceType.Name.EndsWith("Store", StringComparison.Ordinal))
        || type.Name.EndsWith("Options", StringComparison.Ordinal) || type.Name.EndsWith("Operations", StringComparison.Ordinal) || type.Name.EndsWith("Module", StringComparison.Ordinal);

    private static bool IsRecord(TypeDefinition type) => type.Methods.Any(method => method.Name == "<Clone>$");

    // A value that is no record for good reason: all its fields are read-only.
    private static bool IsImmutableClass(TypeDefinition type) => type.Fields.All(field => field.IsInitOnly || field.IsLiteral);

    private static string? FeatureOf(TypeDefinition type, string root)
    {
        var ns = Code.Outermost(type).Namespace;
        return ns.StartsWith(root + ".", StringComparison.Ordinal) ? ns[(root.Length + 1)..].Split('.')[0] : null;
    }

    private static TypeDefinition? Resolve(TypeReference type) => type as TypeDefinition;
}
