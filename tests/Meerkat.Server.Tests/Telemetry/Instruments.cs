using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Meerkat.Server.Tests.Telemetry;

/// <summary>An instrument of this server.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Prometheus">What Prometheus sees: for a histogram, without what its parts have behind it.</param>
/// <param name="Kind">For people.</param>
/// <param name="Description">What it says.</param>
internal sealed record InstrumentFacts(string Name, string Prometheus, string Kind, string Description);

/// <summary>Every instrument that there is, made or not yet.</summary>
internal static class Instruments
{
    private static readonly Dictionary<string, string> s_units = new() { ["s"] = "seconds", ["us"] = "microseconds", ["By"] = "bytes", ["d"] = "days", ["1"] = "ratio" };

    /// <summary>Those of this server's own assemblies, by name.</summary>
    public static IReadOnlyList<InstrumentFacts> Own()
    {
        foreach (var type in Assemblies().SelectMany(assembly => assembly.GetTypes()).Where(HasMetrics))
        {
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        }

        return Listen(meter => meter.Name.StartsWith("Meerkat", StringComparison.Ordinal) && !meter.Name.EndsWith("Tests", StringComparison.Ordinal));
    }

    /// <summary>Those of the runtime.</summary>
    public static IReadOnlyList<InstrumentFacts> Runtime() => Listen(meter => meter.Name == "System.Runtime");

    // OpenTelemetry's rules for names in Prometheus: what is no letter or digit is "_"; the unit, and for totals "_total", stand behind unless the name has them.
    private static string NameOf(Instrument instrument)
    {
        var name = instrument.Name.Replace('.', '_');
        var unit = instrument.Unit is { Length: > 0 } given && given[0] != '{' ? s_units.GetValueOrDefault(given, given) : "";
        if (unit.Length > 0 && !name.EndsWith($"_{unit}", StringComparison.Ordinal))
        {
            name += $"_{unit}";
        }

        return KindOf(instrument) == "counter" && !name.EndsWith("_total", StringComparison.Ordinal) ? $"{name}_total" : name;
    }

    private static string KindOf(Instrument instrument) => instrument.GetType().GetGenericTypeDefinition() switch
    {
        var type when type == typeof(Counter<>) || type == typeof(ObservableCounter<>) => "counter",
        var type when type == typeof(Histogram<>) => "histogram",
        _ => "gauge",
    };

    private static List<InstrumentFacts> Listen(Func<Meter, bool> isMeant)
    {
        var found = new Dictionary<string, InstrumentFacts>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (isMeant(instrument.Meter))
                {
                    found[instrument.Name] = new(instrument.Name, NameOf(instrument), KindOf(instrument), instrument.Description ?? "");
                }
            },
        };
        listener.Start();
        return [.. found.Values.OrderBy(instrument => instrument.Name, StringComparer.Ordinal)];
    }

    private static bool HasMetrics(Type type) =>
        !type.ContainsGenericParameters
        && (type.Name.EndsWith("Metrics", StringComparison.Ordinal)
            || type.GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly)
                .Any(field => field.FieldType.IsAssignableTo(typeof(Instrument)) || (field.FieldType.IsGenericType && field.FieldType.Name.StartsWith("GaugeSources", StringComparison.Ordinal)))
            || type.Name is "NetworkTraffic");

    private static List<Assembly> Assemblies()
    {
        var seen = new Dictionary<string, Assembly>(StringComparer.Ordinal);
        var next = new Queue<Assembly>([typeof(Server.Running.MeerkatServer).Assembly]);
        while (next.TryDequeue(out var assembly))
        {
            if (seen.TryAdd(assembly.FullName!, assembly))
            {
                foreach (var name in assembly.GetReferencedAssemblies().Where(name => name.Name!.StartsWith("Meerkat", StringComparison.Ordinal)))
                {
                    next.Enqueue(Assembly.Load(name));
                }
            }
        }

        return [.. seen.Values];
    }
}
