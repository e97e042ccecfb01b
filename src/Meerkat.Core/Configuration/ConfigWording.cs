using System.Net;
using System.Reflection;

namespace Meerkat.Core.Configuration;

/// <summary>Says in words what a key takes, and writes values as the file would: for error messages and for the page in <c>docs/</c>.</summary>
internal static class ConfigWording
{
    /// <summary>What a key of this type takes, as in <c>must be {an integer of at least 1}</c>.</summary>
    public static string Allowed(Type type, ConfigFacts facts)
    {
        var one = Nullable.GetUnderlyingType(type) ?? type;
        var said = one switch
        {
            _ when one == typeof(bool) => "true or false",
            _ when one == typeof(int) || one == typeof(long) => Number("an integer", facts),
            _ when one == typeof(double) => "a number",
            _ when one == typeof(TimeSpan) => Number($"a number of {facts.Unit.ToString()!.ToLowerInvariant()}", facts),
            _ when one == typeof(string) => facts.Text?.Allowed ?? "a string",
            _ when one == typeof(DateTimeOffset) => "a date, such as 2027-01-31T12:00:00Z",
            _ when one == typeof(IPAddress) => "an IP address",
            _ when one == typeof(IPNetwork) => "an IP address, or a range of them as \"10.0.0.0/8\"",
            { IsEnum: true } => Names(one),
            _ when ConverterOf(one) is { } converter => converter.Allowed,
            _ when ItemOf(one, typeof(IReadOnlyList<>)) is { } item && IsRecord(item) => "a list of tables",
            _ when ItemOf(one, typeof(IReadOnlyList<>)) is { } item => $"a list{(facts.NonEmptyList ? " with at least one item" : "")}{(facts.Unique ? " without repetition" : "")}, each item {Allowed(item, facts)}",
            _ => "a table",
        };
        return facts.Infinity ? said + ", or \"infinity\"" : said;
    }

    /// <summary>A value as the file would write it; null when the file would leave the key out.</summary>
    public static string? Write(object? value, ConfigFacts facts) => value switch
    {
        null => facts.Infinity ? "\"infinity\"" : null,
        bool b => b ? "true" : "false",
        int or long => value.ToString(),
        double d => d.ToString("R", System.Globalization.CultureInfo.InvariantCulture),
        TimeSpan t => ((long)(facts.Unit switch { TimeUnit.Milliseconds => t.TotalMilliseconds, TimeUnit.Seconds => t.TotalSeconds, _ => t.TotalMinutes })).ToString(),
        DateTimeOffset d => d.ToString("yyyy-MM-ddTHH:mm:sszzz", System.Globalization.CultureInfo.InvariantCulture),
        string s => $"\"{s}\"",
        Enum e => $"\"{ConfigNaming.NameOf(e.GetType().GetField(e.ToString())!)}\"",
        IPAddress or IPNetwork => $"\"{value}\"",
        _ when ConverterOf(value.GetType()) is { } converter => converter.Write(value),
        System.Collections.IEnumerable list when ItemOf(list.GetType(), typeof(IReadOnlyDictionary<,>)) is null =>
            "[" + string.Join(", ", list.Cast<object>().Select(i => Write(i, facts))) + "]",
        _ => null,
    };

    /// <summary>The converter that a type names, or null.</summary>
    public static ConfigConverter? ConverterOf(Type type) =>
        type.GetCustomAttribute<ConfigConverterAttribute>() is { } named ? (ConfigConverter)Activator.CreateInstance(named.Converter)! : null;

    /// <summary>The last type argument when the type is, or implements, the generic contract; else null.</summary>
    public static Type? ItemOf(Type type, Type contract) =>
        type.GetInterfaces().Append(type).FirstOrDefault(t => t.IsGenericType && t.GetGenericTypeDefinition() == contract)?.GetGenericArguments()[^1];

    private static bool IsRecord(Type type) => !ConfigScalars.IsScalar(type) && type != typeof(ConfigTable) && ConverterOf(type) is null;

    private static string Number(string what, ConfigFacts facts) => (facts.Minimum, facts.Maximum) switch
    {
        ( <= -int.MaxValue, _) => what,
        (var low, _) when !facts.SaysMaximum => $"{what}, at least {low}",
        var (low, high) => $"{what} from {low} to {high}",
    };

    private static string Names(Type enumeration)
    {
        var names = ConfigNaming.Members(enumeration).Where(m => !m.Field.IsDefined(typeof(NotAvailableAttribute))).Select(m => $"\"{m.Name}\"").ToArray();
        return names.Length == 1 ? names[0] : "one of " + string.Join(", ", names);
    }
}
