namespace Meerkat.Control;

/// <summary>Exit codes (CLI-05, OPS-058).</summary>
public static class ExitCode
{
    /// <summary>The operation succeeded.</summary>
    public const int Success = 0;

    /// <summary>The server refused, or the arguments are wrong.</summary>
    public const int Failure = 1;

    /// <summary>There were no arguments: general help was shown.</summary>
    public const int Usage = 2;

    /// <summary>The server cannot be reached.</summary>
    public const int Unreachable = 3;
}

/// <summary>The command line is wrong: what to say, and which help fits.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="help">Writes the help that fits; null for none.</param>
public sealed class CommandLineException(string message, Action<TextWriter>? help = null) : Exception(message)
{
    /// <summary>Writes the help that fits; null for none.</summary>
    public Action<TextWriter>? ShowHelp => help;
}

/// <summary>The server cannot be reached.</summary>
/// <param name="message">Why, and what to do.</param>
/// <param name="isBusy">Whether there is a server, and it took the call and did not answer.</param>
public sealed class UnreachableException(string message, bool isBusy = false) : Exception(message)
{
    /// <summary>What the program ends with: a server that has too much to do is there (OPS-059).</summary>
    public int ExitCode => isBusy ? Control.ExitCode.Failure : Control.ExitCode.Unreachable;
}
