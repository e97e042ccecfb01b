using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace Meerkat.Admin.Tests.Control;

/// <summary>What a call of <c>meerkatctl</c> came to.</summary>
public sealed record ControlResult(int ExitCode, string Output, string Errors)
{
    /// <summary>The output as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>The code of the first error in the output; null when there is none.</summary>
    public string? Code => Json.TryGetProperty("errors", out var errors) ? errors[0].GetProperty("extensions").GetProperty("code").GetString() : null;

    public override string ToString() => $"exit {ExitCode}\n{Output}\n{Errors}";
}

/// <summary>The program <c>meerkatctl</c>, as a process of its own.</summary>
public static class ControlProgram
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public static async Task<ControlResult> RunAsync(string? data, params string[] arguments)
    {
        var folder = typeof(ControlProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "ControlFolder").Value!;
        var start = new ProcessStartInfo(Path.Combine(folder, "meerkatctl")) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        start.Environment.Remove("MEERKAT_SOCKET");
        if (data is not null)
        {
            start.Environment["MEERKAT_DATA"] = data;
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        process.StandardInput.Close(); // nobody answers questions
        using var patience = new CancellationTokenSource(s_patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return new ControlResult(process.ExitCode, await output, await errors);
    }
}
