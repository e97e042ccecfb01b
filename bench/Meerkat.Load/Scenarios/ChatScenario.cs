using Meerkat.Load.Client;
using Meerkat.Load.Reporting;

namespace Meerkat.Load.Scenarios;

/// <summary>
/// Users in pairs, <c>--in-flight</c> messages going to and fro in each pair for ever: whoever gets n messages in one read sends n back in
/// one write. The figure is the server's processor time per delivered message.
/// </summary>
internal sealed class ChatScenario(Target target, string name, int users, int inFlight, TimeSpan warmUp, TimeSpan measured, RowCount? archive)
{
    public static ChatScenario From(Target target, LoadArguments args)
    {
        var inFlight = args.Number("in-flight", 1);
        return new(target, args.Text("name", $"chat-{inFlight}"), args.Number("users", 100), inFlight, args.Time("warm-up", 2), args.Time("seconds", 4), RowCount.From(args));
    }

    public async Task<Measurement> RunAsync(CancellationToken ct)
    {
        var rows = archive is null ? 0 : await archive.NowAsync(ct);
        var clients = await Crowd.LogInAsync(target, users, atOnce: 8, ct);
        var chatters = await Chatter.PairAsync(target, clients, inFlight, reply: true, hasOriginIds: false, ct);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var pumps = chatters.Select(chatter => Task.Run(() => chatter.ReplyAsync(stop.Token), ct)).ToArray();
        for (var user = 0; user < users; user += 2)
        {
            await chatters[user].SendAsync(inFlight, ct);
        }

        await Task.Delay(warmUp, ct);
        var (meter, before) = (new Meter(target), Chatter.DeliveredTo(chatters));
        await Task.Delay(measured, ct);
        var measurement = meter.CpuPer(name, "us/message", Chatter.DeliveredTo(chatters) - before, "");

        foreach (var chatter in chatters)
        {
            chatter.Reply = false;
        }

        // All that was sent must arrive: a server that drops messages is not a fast one.
        var missing = await Chatter.SettleAsync(chatters, ct);
        var kept = archive is null ? "" : await archive.CheckAsync(rows, chatters.Sum(chatter => chatter.Sent), ct);
        await stop.CancelAsync();
        await Task.WhenAll(pumps);
        await Crowd.DisposeAsync(clients);
        var errors = chatters.Sum(chatter => chatter.Errors);
        return measurement with { Note = missing + errors == 0 ? kept + measurement.Note : $"FAILED: {missing} lost, {errors} errors" };
    }
}
