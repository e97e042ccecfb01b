namespace Meerkat.Core.Configuration;

/// <summary>The name in the file of a property or an enum member whose name is not simply its own in snake case.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class ConfigNameAttribute(string name) : Attribute
{
    /// <summary>The name as it stands in the file.</summary>
    public string Name { get; } = name;
}

/// <summary>A value of an enum that the reference knows and this server does not have: whoever asks for it is told why.</summary>
/// <remarks>In a list the item is left out; elsewhere the key keeps its default; where the key is mandatory, the table that holds it is left out.</remarks>
[AttributeUsage(AttributeTargets.Field)]
public sealed class NotAvailableAttribute(string reason) : Attribute
{
    /// <summary>Why, for the operator.</summary>
    public string Reason { get; } = reason;
}

/// <summary>The key also takes the string <c>"infinity"</c>, which is null in the record (CONF-010).</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class InfinityAllowedAttribute : Attribute;

/// <summary>The smallest integer that the key takes, in the unit of the file. 1 is the specification's <em>positive</em>, 0 its <em>non-negative</em> (CONF-009).</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AtLeastAttribute(long minimum) : Attribute
{
    /// <summary>The bound, itself allowed.</summary>
    public long Minimum { get; } = minimum;
}

/// <summary>The unit in which the file gives a <see cref="TimeSpan"/>. Every property of that type must say one.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UnitAttribute(TimeUnit unit) : Attribute
{
    /// <summary>The unit of the integer in the file.</summary>
    public TimeUnit Unit { get; } = unit;
}

/// <summary>Units of time that keys are given in.</summary>
public enum TimeUnit
{
    /// <summary>1/1000 s.</summary>
    Milliseconds,

    /// <summary>1 s.</summary>
    Seconds,

    /// <summary>60 s.</summary>
    Minutes,
}

/// <summary>The list must have an item.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NonEmptyListAttribute : Attribute;

/// <summary>The list must not name the same thing twice.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UniqueAttribute : Attribute;

/// <summary>The value is a secret: an error message never shows it.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : Attribute;

/// <summary>Says who reads a type from the file that the binder does not know.</summary>
[AttributeUsage(AttributeTargets.Struct | AttributeTargets.Class)]
public sealed class ConfigConverterAttribute(Type converter) : Attribute
{
    /// <summary>A <see cref="ConfigConverter"/> with a public parameterless constructor.</summary>
    public Type Converter { get; } = converter;
}

/// <summary>Reads one value of a type that the binder does not know.</summary>
public abstract class ConfigConverter
{
    /// <summary>What is allowed, for the error message: <c>a string or an integer</c>.</summary>
    public abstract string Allowed { get; }

    /// <summary>The value, or null when the node is not one.</summary>
    public abstract object? Convert(ConfigNode node);

    /// <summary>How a value is written in the file.</summary>
    public abstract string Write(object value);
}
