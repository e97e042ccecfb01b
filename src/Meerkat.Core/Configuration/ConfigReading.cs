namespace Meerkat.Core.Configuration;

/// <summary>The outcome of reading one value: bound (perhaps to null, which is "infinity"), or not.</summary>
internal readonly struct ConfigReading
{
    private readonly bool _bound;
    private readonly object? _value;

    private ConfigReading(object? value)
    {
        _bound = true;
        _value = value;
    }

    /// <summary>Nothing was bound; the reason, if there is one to give, has been reported.</summary>
    public static ConfigReading None => default;

    public static ConfigReading Of(object? value) => new(value);

    public bool IsBound(out object? value)
    {
        value = _value;
        return _bound;
    }
}
