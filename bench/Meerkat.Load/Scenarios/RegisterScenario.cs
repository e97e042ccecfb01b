using Meerkat.Load.Client;
using Meerkat.Load.Reporting;

namespace Meerkat.Load.Scenarios;

/// <summary>In-band registration (XEP-0077), one connection an account. The figure is the server's processor time per account.</summary>
internal sealed class RegisterScenario(Target target, int users, int atOnce, bool acceptExisting)
{
    public static RegisterScenario From(Target target, LoadArguments args) => new(
        target, args.Number("users", 200), args.Number("at-once", 8), args.Text("existing", "refuse") == "accept");

    public async Task<Measurement> RunAsync(CancellationToken ct)
    {
        var meter = new Meter(target);
        await Crowd.EachAsync(users, atOnce, OneAsync, ct);
        return meter.CpuPer("register", "us/account", users, "");
    }

    private async Task<bool> OneAsync(int user, CancellationToken ct)
    {
        await using var client = await XmppClient.ConnectAsync(target, user, ct);
        await client.OpenAsync(ct);
        await client.SendAsync(
            "<iq type='set' id='register'><query xmlns='jabber:iq:register'>" +
            $"<username>{target.Localpart(user)}</username><password>{target.Password}</password></query></iq>", ct);
        var answer = await client.ReadElementAsync(ct);
        if (answer.Contains("<error", StringComparison.Ordinal) && !(acceptExisting && answer.Contains("<conflict", StringComparison.Ordinal)))
        {
            throw new XmppException($"register {target.Localpart(user)}: {answer}");
        }

        await client.CloseAsync(ct);
        return true;
    }
}
