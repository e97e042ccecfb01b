using System.Text.RegularExpressions;

namespace Meerkat.Core.Access;

/// <summary>Whom a rule is asked about. Absent parts are empty.</summary>
internal readonly record struct AclSubject(string Local, string Domain, string Resource, string? CurrentDomain, bool IsCurrentDomain);

/// <summary>One <see cref="AclPattern"/>, its expressions compiled.</summary>
internal sealed class AclMatcher(AclPattern pattern)
{
    // Backtracking is not needed by most patterns, and then matching is linear in the address. The rest is cut off.
    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(1);

    private readonly Regex[] _user = Compile(pattern.UserRegexp, pattern.UserGlob);
    private readonly Regex[] _server = Compile(pattern.ServerRegexp, pattern.ServerGlob);
    private readonly Regex[] _resource = Compile(pattern.ResourceRegexp, pattern.ResourceGlob);

    /// <summary>Whether all conditions hold; null when an expression took too long to say.</summary>
    public bool? Matches(in AclSubject subject, Func<string, bool> isHosted)
    {
        var meant = pattern.Match switch
        {
            AclMatch.All => true,
            AclMatch.AnyHostedDomain => isHosted(subject.Domain),
            AclMatch.CurrentDomain => subject.IsCurrentDomain,
            _ => false,
        };
        if (!meant || !Is(pattern.User, subject.Local) || !Is(pattern.Server, subject.Domain) || !Is(pattern.Resource, subject.Resource))
        {
            return false;
        }

        try
        {
            return AllMatch(_user, subject.Local) && AllMatch(_server, subject.Domain) && AllMatch(_resource, subject.Resource);
        }
        catch (RegexMatchTimeoutException)
        {
            return null;
        }
    }

    private static bool Is(string? condition, string part) => condition is null || condition == part;

    private static bool AllMatch(Regex[] expressions, string part)
    {
        foreach (var expression in expressions)
        {
            if (!expression.IsMatch(part))
            {
                return false;
            }
        }

        return true;
    }

    private static Regex[] Compile(string? regexp, string? glob)
    {
        var compiled = new List<Regex>(2);
        if (regexp is not null)
        {
            compiled.Add(Linear(regexp));
        }

        if (glob is not null)
        {
            compiled.Add(Linear(GlobPattern.ToRegex(glob)));
        }

        return [.. compiled];
    }

    private static Regex Linear(string expression)
    {
        try
        {
            return new Regex(expression, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking, LongestMatch);
        }
        catch (NotSupportedException)
        {
            // Look-around and back-references need the backtracking engine.
            return new Regex(expression, RegexOptions.CultureInvariant, LongestMatch);
        }
    }
}
