using Meerkat.Load.Client;
using Meerkat.Load.Reporting;
using Meerkat.Load.Scenarios;

namespace Meerkat.Load.Population;

/// <summary>Gives every user contacts by roster sets (RFC 6121 §2.3), without subscriptions.</summary>
internal sealed class RosterFiller(Target target, int users, int contacts, int atOnce)
{
    private static readonly byte[] Iq = "<iq"u8.ToArray();

    public static RosterFiller From(Target target, LoadArguments args) => new(
        target, args.Number("users", 5000), args.Number("contacts", 200), args.Number("at-once", 8));

    public async Task<Measurement> RunAsync(CancellationToken ct)
    {
        var meter = new Meter(target);
        await Crowd.EachAsync(users, atOnce, OneAsync, ct);
        return meter.CpuPer("fill-roster", "us/contact", (long)users * contacts, "");
    }

    private async Task<bool> OneAsync(int user, CancellationToken ct)
    {
        await using var client = await XmppClient.LogInAsync(target, user, user, ct);
        var sets = string.Concat(Enumerable.Range(0, contacts).Select(contact =>
            $"<iq type='set' id='c{contact}'><query xmlns='jabber:iq:roster'><item jid='{ContactNames.Strange(user, contact, target.Domain)}' name='Friend {contact}'></item></query></iq>"));
        await client.SendAsync(sets, ct);
        for (var answered = 0; answered < contacts;)
        {
            var count = await client.CountAsync(Iq, ct);
            if (count < 0 || client.LastRead.IndexOf("<error"u8) >= 0)
            {
                throw new XmppException($"roster set of {target.Localpart(user)} failed");
            }

            answered += count;
        }

        await client.CloseAsync(ct);
        return true;
    }
}
