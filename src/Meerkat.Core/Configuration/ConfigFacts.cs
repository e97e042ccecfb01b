using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Meerkat.Core.Configuration;

/// <summary>What the attributes of one property say about its key.</summary>
internal sealed class ConfigFacts
{
    private ConfigFacts(PropertyInfo property)
    {
        Name = property.Name;
        Mandatory = property.IsDefined(typeof(RequiredMemberAttribute)) || property.IsDefined(typeof(RequiredAttribute));
        Infinity = property.IsDefined(typeof(InfinityAllowedAttribute));
        Secret = property.IsDefined(typeof(SecretAttribute));
        NonEmptyList = property.IsDefined(typeof(NonEmptyListAttribute));
        Unique = property.IsDefined(typeof(UniqueAttribute));
        Unit = property.GetCustomAttribute<UnitAttribute>()?.Unit;
        Text = property.GetCustomAttribute<ConfigStringAttribute>();
        Others = [.. property.GetCustomAttributes<ValidationAttribute>().Where(a => a is not RangeAttribute and not RequiredAttribute)];

        var range = property.GetCustomAttribute<RangeAttribute>();
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var widest = type == typeof(int) || type == typeof(IReadOnlyList<int>) ? int.MaxValue : long.MaxValue;
        Minimum = property.GetCustomAttribute<AtLeastAttribute>()?.Minimum ?? (range is null ? -widest : System.Convert.ToInt64(range.Minimum));
        Maximum = range is null ? widest : System.Convert.ToInt64(range.Maximum);
        if (Unit is { } unit)
        {
            // The framework's timers end at 2^32 - 2 ms (49 days); a longer wait is what "infinity" is for.
            Maximum = Math.Min(Maximum, (uint.MaxValue - 1) / unit switch { TimeUnit.Milliseconds => 1, TimeUnit.Seconds => 1_000, _ => 60_000 });
        }
    }

    public string Name { get; }

    public bool Mandatory { get; }

    public bool Infinity { get; }

    public bool Secret { get; }

    public bool NonEmptyList { get; }

    public bool Unique { get; }

    public TimeUnit? Unit { get; }

    public ConfigStringAttribute? Text { get; }

    public IReadOnlyList<ValidationAttribute> Others { get; }

    public long Minimum { get; }

    public long Maximum { get; }

    /// <summary>Whether the upper bound is one that somebody chose, and not that of a type or a timer.</summary>
    public bool SaysMaximum => Unit is null && Maximum < int.MaxValue;

    public static ConfigFacts Of(PropertyInfo property) => new(property);
}
