using System.Collections.Concurrent;
using System.Diagnostics;

namespace Meerkat.Interop.Tests;

/// <summary>The programs of others that the tests drive, and what a test does when one is not there: it skips and names it, or fails where skipping is forbidden.</summary>
internal static class Programs
{
    private static readonly ConcurrentDictionary<string, bool> PythonModules = new();

    /// <summary>Debian's own interpreter, for which its packages are made; another one in the path may not know them.</summary>
    public static string Python => File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";

    /// <summary>Skips the running test unless the program is in the path.</summary>
    public static void Need(string program, string package)
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
        Present(found, $"the program {program}", package);
    }

    /// <summary>Skips the running test unless Python has the module.</summary>
    public static void NeedPython(string module, string package)
    {
        Need(Python is "python3" ? Python : "python3", "python3");
        Present(PythonModules.GetOrAdd(module, Imports), $"the module {module} of {Python}", package);
    }

    /// <summary>Skips the running test unless the build has brought a file.</summary>
    public static void NeedFile(string file, string what, string package) => Present(File.Exists(file), what, package);

    /// <summary>Skips the running test unless it may act as root: programs of other servers run under accounts of their own.</summary>
    public static void NeedRoot() => Present(Environment.UserName == "root", "the right to start programs under other accounts", "nothing; run the tests as root");

    private static bool Imports(string module)
    {
        using var python = Process.Start(Python, ["-c", $"import importlib.util, sys; sys.exit(importlib.util.find_spec('{module}') is None)"]);
        python.WaitForExit();
        return python.ExitCode == 0;
    }

    private static void Present(bool present, string what, string package)
    {
        if (present)
        {
            return;
        }

        var reason = $"{what} is not installed (Debian: apt-get install {package})";
        if (Environment.GetEnvironmentVariable("MEERKAT_TEST_NO_SKIP") == "1")
        {
            Assert.Fail(reason);
        }

        Assert.Skip(reason);
    }
}
