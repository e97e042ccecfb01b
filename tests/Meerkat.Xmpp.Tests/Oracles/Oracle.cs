using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Xunit;

namespace Meerkat.Xmpp.Tests.Oracles;

/// <summary>Programs that others wrote and that know the right answer. A missing one skips the test, by name.</summary>
internal static class Oracle
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Runs one process with all the lines as its input; the lines that it printed, and whether it was content.</summary>
    public static (bool Succeeded, string[] Lines) Run(string program, string[] arguments, IEnumerable<string> input)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = Utf8,
            StandardOutputEncoding = Utf8,
            Environment = { ["CHARSET"] = "UTF-8", ["PYTHONUTF8"] = "1" },
        };

        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (Win32Exception)
        {
            Assert.Skip($"The program {program} is not installed (Debian: {(program == "idn" ? "idn" : "python3")}).");
        }

        using (process!)
        {
            var output = process!.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            try
            {
                using var lines = process.StandardInput;
                lines.NewLine = "\n";
                foreach (var line in input)
                {
                    lines.WriteLine(line);
                }
            }
            catch (IOException)
            {
                // The program stopped at a line that it refuses; its exit code says so.
            }

            process.WaitForExit();
            var text = output.GetAwaiter().GetResult();
            _ = errors.GetAwaiter().GetResult();
            return (process.ExitCode == 0, text.Length == 0 ? [] : text[..^1].Split('\n'));
        }
    }

    /// <summary>What Python's tables of RFC 3454 make of texts: four answers each, in the order of <see cref="Profiles"/>; null is refused.</summary>
    public static string?[][] Prepare(IReadOnlyList<string> texts)
    {
        var (succeeded, lines) = Run("python3", [Script], texts.Select(Hex));
        Assert.True(succeeded);
        Assert.Equal(texts.Count, lines.Length);
        return [.. lines.Select((line, i) => Answers(texts[i], line.Split(' ')))];
    }

    /// <summary>Every code point that Unicode 3.2 assigns, as text, with Python's four answers.</summary>
    public static (string Text, string?[] Answers)[] Assigned()
    {
        var (succeeded, lines) = Run("python3", [Script, "assigned"], []);
        Assert.True(succeeded);
        return [.. lines.Select(line =>
        {
            var words = line.Split(' ');
            var text = Utf8.GetString(Convert.FromHexString(words[0]));
            return (text, Answers(text, words[1..]));
        })];
    }

    public static readonly (string Name, Profile Prepare)[] Profiles =
    [
        ("Nodeprep", Xmpp.Stringprep.TryNodeprep),
        ("Nameprep", Xmpp.Stringprep.TryNameprep),
        ("Resourceprep", Xmpp.Stringprep.TryResourceprep),
        ("SASLprep", Xmpp.Stringprep.TrySaslprep),
    ];

    public delegate bool Profile(string text, out string? prepared, bool allowUnassigned = true);

    private static string Script => Path.Combine(AppContext.BaseDirectory, "Oracles", "stringprep_oracle.py");

    private static string Hex(string text) => Convert.ToHexStringLower(Utf8.GetBytes(text));

    private static string?[] Answers(string text, string[] words) =>
        [.. words.Select(word => word switch
        {
            "!" => null,
            "=" => text,
            _ => Utf8.GetString(Convert.FromHexString(word)),
        })];
}
