using System.Diagnostics.Metrics;

namespace Meerkat.Core.Accounts;

/// <summary>What is counted of authentication, by host type (AUTH-020). The names are the reference's, for its operators' dashboards.</summary>
/// <remarks>The histograms are in microseconds, over all methods that were asked.</remarks>
internal sealed class AuthMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Meerkat.Accounts";

    private static readonly Meter Meter = new(MeterName);
    private static readonly Histogram<double> Authorize = Timing("auth_authorize", "Log-ins.");
    private static readonly Histogram<double> CheckPassword = Timing("auth_check_password", "Password checks.");
    private static readonly Histogram<double> TryRegister = Timing("auth_try_register", "Registrations, also those that failed.");
    private static readonly Histogram<double> DoesUserExist = Timing("auth_does_user_exist", "Questions whether an account exists.");
    private static readonly Counter<long> Register = Meter.CreateCounter<long>("auth_register_user", "{account}", "Accounts registered.");
    private static readonly Counter<long> Unregister = Meter.CreateCounter<long>("auth_unregister_user", "{account}", "Accounts removed.");
    private static readonly Counter<long> AnonymousRegister = Meter.CreateCounter<long>("auth_anonymous_register_user", "{account}", "Anonymous accounts that came.");
    private static readonly Counter<long> AnonymousUnregister = Meter.CreateCounter<long>("auth_anonymous_unregister_user", "{account}", "Anonymous accounts that went.");

    private readonly KeyValuePair<string, object?> _tag;
    private readonly TimeProvider _time;

    /// <summary>Begins to count for a host type: at 0, so that the first event is a change (OPS-100).</summary>
    public AuthMetrics(string hostType, TimeProvider time)
    {
        _tag = new("host_type", hostType);
        _time = time;
        foreach (var counter in new[] { Register, Unregister, AnonymousRegister, AnonymousUnregister })
        {
            counter.Add(0, _tag);
        }
    }

    public long Now => _time.GetTimestamp();

    public void Authorized(long since) => Authorize.Record(Since(since), _tag);

    public void CheckedPassword(long since) => CheckPassword.Record(Since(since), _tag);

    public void TriedToRegister(long since) => TryRegister.Record(Since(since), _tag);

    public void AskedExistence(long since) => DoesUserExist.Record(Since(since), _tag);

    public void Registered() => Register.Add(1, _tag);

    public void Removed() => Unregister.Add(1, _tag);

    public void AnonymousCame() => AnonymousRegister.Add(1, _tag);

    public void AnonymousWent() => AnonymousUnregister.Add(1, _tag);

    private static Histogram<double> Timing(string name, string what) => Meter.CreateHistogram<double>(name, "us", what);

    private double Since(long start) => _time.GetElapsedTime(start).TotalMicroseconds;
}
