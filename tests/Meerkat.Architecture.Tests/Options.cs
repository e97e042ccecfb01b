using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Meerkat.Architecture.Tests;

/// <summary>An option that nobody reads does nothing, and the one who sets it is not told.</summary>
internal static class Options
{
    /// <summary>The properties of records of options that no code outside of their record reads, neither itself nor by a member that does.</summary>
    /// <param name="assemblies">Where records and readers are.</param>
    public static IEnumerable<string> NobodyReads(IReadOnlyList<AssemblyDefinition> assemblies)
    {
        var calls = assemblies.SelectMany(Code.TypesOf).SelectMany(Calls).ToArray();
        var used = calls.Where(call => call.CallerType != call.Type).Select(call => (call.Type, call.Method)).ToHashSet();

        // What is used may use more of its own record: until nothing is added.
        var own = calls.Where(call => call.CallerType == call.Type && !IsCompiledIn(call.Caller)).ToArray();
        for (var before = 0; before != used.Count;)
        {
            before = used.Count;
            used.UnionWith(own.Where(call => used.Contains((call.CallerType, call.Caller))).Select(call => (call.Type, call.Method)).ToArray());
        }

        return assemblies.SelectMany(Code.TypesOf).Where(IsOptions)
            .SelectMany(record => record.Properties.Where(property => property.SetMethod is { IsPublic: true, IsStatic: false } && property.GetMethod is { IsPublic: true }))
            .Where(property => !used.Contains((property.DeclaringType.FullName, property.GetMethod.Name)))
            .Select(property => $"{property.DeclaringType.FullName}.{property.Name}")
            .Order(StringComparer.Ordinal);
    }

    private static IEnumerable<(string CallerType, string Caller, string Type, string Method)> Calls(TypeDefinition type)
    {
        var outer = Code.Outermost(type).FullName;
        foreach (var method in type.Methods.Where(method => method.HasBody))
        {
            foreach (var called in method.Body.Instructions.Where(instruction => instruction.OpCode == OpCodes.Call || instruction.OpCode == OpCodes.Callvirt).Select(instruction => instruction.Operand).OfType<MethodReference>())
            {
                yield return (outer, WrittenIn(type, method), called.DeclaringType.GetElementType().FullName, called.Name);
            }
        }
    }

    // A lambda, an iterator or an async method is compiled into a member of a name like <Method>b__0: the method that it was written in counts.
    private static string WrittenIn(TypeDefinition type, MethodDefinition method)
    {
        for (var around = type; around is not null; around = around.DeclaringType)
        {
            if (Written(around.Name) is { Length: > 0 } inType)
            {
                return inType;
            }
        }

        return Written(method.Name) is { Length: > 0 } written ? written : method.Name;
    }

    private static string? Written(string name) => name.StartsWith('<') ? name[1..name.IndexOf('>', StringComparison.Ordinal)] : null;

    private static bool IsOptions(TypeDefinition type) =>
        type.Name.EndsWith("Options", StringComparison.Ordinal) && !type.IsAbstract && type.IsClass && type.Methods.Any(method => method.Name == "<Clone>$");

    // What a record does with its own properties (compare, print, check) makes nothing happen.
    private static bool IsCompiledIn(string method) => method is "ToString" or "PrintMembers" or "Equals" or "GetHashCode" or "Clone" or ".ctor" or "Validate" or "Deconstruct";
}
