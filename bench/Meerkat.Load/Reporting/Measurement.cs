using System.Text.Json;
using System.Text.Json.Serialization;

namespace Meerkat.Load.Reporting;

/// <summary>One figure of one server in one round; a line of JSON in the file that <c>report</c> reads.</summary>
/// <param name="Scenario">Name of the table row, as <c>chat-20</c>.</param>
/// <param name="Server">Who was measured.</param>
/// <param name="Round">From 1.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">What the figure counts.</param>
/// <param name="Count">How many messages, sessions or log-ins it was taken over.</param>
/// <param name="Seconds">Wall time of the measured part.</param>
/// <param name="CpuSeconds">The server's processor time in the measured part.</param>
/// <param name="Note">What else is worth knowing, errors first.</param>
internal sealed record Measurement(
    string Scenario, string Server, int Round, double Value, string Unit, long Count, double Seconds, double CpuSeconds, string Note)
{
    public void Publish(string? file)
    {
        var line = JsonSerializer.Serialize(this, MeasurementJson.Default.Measurement);
        if (file is null)
        {
            Console.WriteLine(line);
            return;
        }

        File.AppendAllText(file, line + "\n");
        var perSecond = Seconds > 0 ? Count / Seconds : 0;
        Console.WriteLine($"{Scenario,-20} {Server,-9} round {Round}  {Value,10:F2} {Unit,-16} {Count,9} in {Seconds,6:F1} s ({perSecond,8:F0}/s), server CPU {CpuSeconds,6:F2} s  {Note}");
    }

    public static IEnumerable<Measurement> Read(string file) =>
        File.ReadLines(file).Select(line => JsonSerializer.Deserialize(line, MeasurementJson.Default.Measurement)!);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Measurement))]
internal sealed partial class MeasurementJson : JsonSerializerContext;
