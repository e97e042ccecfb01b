using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Meerkat.Architecture.Tests;

/// <summary>The compiled code: every assembly of the server, and what refers to what.</summary>
internal static class Code
{
    /// <summary>The assemblies of the project that the server is made of, found from its own by their references.</summary>
    public static IReadOnlyList<AssemblyDefinition> Ours { get; } = Load();

    /// <summary>This test's own assembly, where mistakes are planted.</summary>
    public static AssemblyDefinition Planted { get; } = AssemblyDefinition.ReadAssembly(typeof(Code).Assembly.Location);

    /// <summary>All types of an assembly, nested ones too.</summary>
    public static IEnumerable<TypeDefinition> TypesOf(AssemblyDefinition assembly) => assembly.MainModule.GetTypes();

    /// <summary>The methods of a type whose code the compiler did not write by itself for a record.</summary>
    public static IEnumerable<MethodDefinition> MethodsOf(TypeDefinition type) => type.Methods.Where(method => method.HasBody);

    /// <summary>Every type that a type refers to: base, interfaces, members, attributes and code; generic arguments and elements of arrays apart.</summary>
    public static IEnumerable<TypeReference> ReferencesOf(TypeDefinition type)
    {
        var found = new List<TypeReference?> { type.BaseType };
        found.AddRange(type.Interfaces.Select(implemented => implemented.InterfaceType));
        found.AddRange(type.Fields.Select(field => field.FieldType));
        found.AddRange(AttributesOf(type));
        foreach (var method in type.Methods)
        {
            found.Add(method.ReturnType);
            found.AddRange(method.Parameters.Select(parameter => parameter.ParameterType));
            found.AddRange(method.GenericParameters.SelectMany(parameter => parameter.Constraints).Select(constraint => constraint.ConstraintType));
            found.AddRange(AttributesOf(method));
            if (!method.HasBody)
            {
                continue;
            }

            found.AddRange(method.Body.Variables.Select(variable => variable.VariableType));
            foreach (var instruction in method.Body.Instructions)
            {
                found.AddRange(ReferencesOf(instruction));
            }
        }

        return found.OfType<TypeReference>().SelectMany(Parts).Distinct();
    }

    /// <summary>The type that a compiled helper (a lambda, an async method) was written in.</summary>
    public static TypeDefinition Outermost(TypeDefinition type) => type.DeclaringType is { } around ? Outermost(around) : type;

    private static IEnumerable<TypeReference?> ReferencesOf(Instruction instruction) => instruction.Operand switch
    {
        MethodReference method => [method.DeclaringType, method.ReturnType, .. method is GenericInstanceMethod generic ? generic.GenericArguments : []],
        FieldReference field => [field.DeclaringType, field.FieldType],
        TypeReference type => [type],
        _ => [],
    };

    private static IEnumerable<TypeReference> AttributesOf(ICustomAttributeProvider provider) =>
        provider.CustomAttributes.SelectMany(attribute => attribute.ConstructorArguments.Select(argument => argument.Value as TypeReference)
            .Concat(attribute.Properties.Select(property => property.Argument.Value as TypeReference))
            .Append(attribute.AttributeType)
            .OfType<TypeReference>());

    private static IEnumerable<TypeReference> Parts(TypeReference type) => type switch
    {
        GenericInstanceType generic => [generic.ElementType, .. generic.GenericArguments.SelectMany(Parts)],
        TypeSpecification made => Parts(made.ElementType),
        GenericParameter => [],
        _ => [type],
    };

    private static List<AssemblyDefinition> Load()
    {
        var folder = AppContext.BaseDirectory;
        var loaded = new Dictionary<string, AssemblyDefinition>();
        var open = new Queue<string>(["Meerkat.Server"]);
        while (open.TryDequeue(out var name))
        {
            // The program itself may be named otherwise than its project.
            var file = new[] { $"{name}.dll", name == "Meerkat.Server" ? "meerkat.dll" : $"{name}.dll" }.Select(file => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
            if (file is null || loaded.ContainsKey(name))
            {
                continue;
            }

            var assembly = AssemblyDefinition.ReadAssembly(file);
            loaded[name] = assembly;
            foreach (var reference in assembly.MainModule.AssemblyReferences.Where(reference => reference.Name.StartsWith("Meerkat.", StringComparison.Ordinal)))
            {
                open.Enqueue(reference.Name);
            }
        }

        return [.. loaded.Values];
    }
}
