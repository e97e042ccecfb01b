using System.Net;

namespace Meerkat.Core.Configuration;

/// <summary>Reads single values: what the file holds into what the record wants.</summary>
internal static class ConfigScalars
{
    public static bool IsScalar(Type type) =>
        type.IsEnum || IsNumber(type) || type == typeof(double) || type == typeof(string) || type == typeof(bool) || type == typeof(DateTimeOffset) || type == typeof(IPAddress) || type == typeof(IPNetwork);

    /// <summary>Whether the file gives the type as an integer.</summary>
    public static bool IsNumber(Type type) => type == typeof(int) || type == typeof(long) || type == typeof(TimeSpan);

    /// <summary>The value, or <see cref="ConfigReading.None"/> when it is not allowed; nothing is reported here.</summary>
    public static ConfigReading Read(Type type, ConfigFacts facts, object value) => value switch
    {
        bool when type == typeof(bool) => ConfigReading.Of(value),
        double d when type == typeof(double) && double.IsFinite(d) => ConfigReading.Of(value),
        long n when type == typeof(double) => ConfigReading.Of((double)n),
        long n when n >= facts.Minimum && n <= facts.Maximum => ReadNumber(type, facts, n),
        DateTimeOffset when type == typeof(DateTimeOffset) => ConfigReading.Of(value),
        string s when type == typeof(string) => facts.Text is null ? ConfigReading.Of(s) : OrNone(facts.Text.Accept(s)),
        string s when type == typeof(IPAddress) => OrNone(ParseAddress(s)),
        string s when type == typeof(IPNetwork) => OrNone(ParseNetwork(s)),
        _ => ConfigReading.None,
    };

    private static ConfigReading ReadNumber(Type type, ConfigFacts facts, long n)
    {
        if (type == typeof(int))
        {
            return ConfigReading.Of((int)n);
        }

        if (type == typeof(long))
        {
            return ConfigReading.Of(n);
        }

        if (type == typeof(TimeSpan))
        {
            return ConfigReading.Of(facts.Unit switch
            {
                TimeUnit.Milliseconds => TimeSpan.FromMilliseconds(n),
                TimeUnit.Seconds => TimeSpan.FromSeconds(n),
                TimeUnit.Minutes => TimeSpan.FromMinutes(n),
                _ => throw new InvalidOperationException($"{facts.Name} is a time and says no unit."),
            });
        }

        return ConfigReading.None;
    }

    // The framework takes "1" and "0x7f.1" for addresses; an operator who writes those has made a mistake.
    private static IPAddress? ParseAddress(string text) =>
        IPAddress.TryParse(text, out var ip) && (text.Contains(':', StringComparison.Ordinal) || text == ip.ToString()) ? ip : null;

    // A range may be written with any of its addresses ("127.0.0.1/8"), as the reference allows; the framework insists on the first.
    private static IPNetwork? ParseNetwork(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (ParseAddress(slash < 0 ? text : text[..slash]) is not { } ip)
        {
            return null;
        }

        var bytes = ip.GetAddressBytes();
        var bits = bytes.Length * 8;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, null, out bits) || bits > bytes.Length * 8))
        {
            return null;
        }

        for (var i = 0; i < bytes.Length; i++)
        {
            var kept = Math.Clamp(bits - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xff << (8 - kept));
        }

        return new IPNetwork(new IPAddress(bytes), bits);
    }

    private static ConfigReading OrNone(object? value) => value is null ? ConfigReading.None : ConfigReading.Of(value);
}
