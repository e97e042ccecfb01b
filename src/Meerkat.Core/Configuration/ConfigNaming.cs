using System.Reflection;
using System.Text;

namespace Meerkat.Core.Configuration;

/// <summary>Names as the file writes them: <c>MaxStanzaSize</c> is <c>max_stanza_size</c>, unless <see cref="ConfigNameAttribute"/> says otherwise.</summary>
internal static class ConfigNaming
{
    /// <summary>The properties of an options record that the file can set, in the order in which they are declared, base record first.</summary>
    public static IReadOnlyList<PropertyInfo> Settable(Type record) =>
        [.. Ancestry(record).SelectMany(t => t.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly))
            .Where(p => p is { CanWrite: true, SetMethod.IsPublic: true } && p.PropertyType != typeof(ConfigPosition))];

    public static string KeyOf(PropertyInfo property) =>
        property.GetCustomAttribute<ConfigNameAttribute>()?.Name ?? Snake(property.Name);

    public static string NameOf(FieldInfo member) =>
        member.GetCustomAttribute<ConfigNameAttribute>()?.Name ?? Snake(member.Name);

    /// <summary>The members of an enum as the file names them, in declared order.</summary>
    public static IReadOnlyList<(string Name, FieldInfo Field)> Members(Type enumeration) =>
        [.. enumeration.GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (NameOf(f), f))];

    public static string Snake(string name)
    {
        var snake = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsAsciiLetterUpper(name[i]) && i > 0)
            {
                snake.Append('_');
            }

            snake.Append(char.ToLowerInvariant(name[i]));
        }

        return snake.ToString();
    }

    private static IEnumerable<Type> Ancestry(Type type) =>
        type.BaseType is { } parent && parent != typeof(object) ? Ancestry(parent).Append(type) : [type];
}
