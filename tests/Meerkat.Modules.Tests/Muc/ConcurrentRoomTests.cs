using CsCheck;
using Meerkat.Modules.Tests.Muc.Model;
using Meerkat.Testing;
using Xunit;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>
/// Rooms as clients have them, over the whole road: several send at once, and what each has heard must come of some order of what they sent, one after another, in a plain model
/// (XEP-0045; every recipient gets all in the same order, RFC 6120 §10.1).
/// </summary>
public sealed class ConcurrentRoomTests
{
    private const int Sequences = 10_000;

    private static readonly string[] s_nicks = ["n0", "n1", "n2", "n3"];

    private static readonly Gen<Command> s_command = Gen.Select(
        Gen.Frequency(
            (5, Gen.Const(CommandKind.Join)), (3, Gen.Const(CommandKind.Rename)), (3, Gen.Const(CommandKind.Leave)), (4, Gen.Const(CommandKind.Say)), (2, Gen.Const(CommandKind.Subject)),
            (3, Gen.Const(CommandKind.GiveRole)), (3, Gen.Const(CommandKind.Affiliate)), (2, Gen.Const(CommandKind.Configure)), (1, Gen.Const(CommandKind.Destroy)), (1, Gen.Const(CommandKind.Disconnect))),
        Gen.Int[0, s_nicks.Length - 1],
        Gen.Int[0, RoomRig.Clients.Length - 1],
        Gen.Int[0, 31],
        (kind, nick, client, value) => new Command(kind, s_nicks[nick], RoomRig.Clients[client].User, value));

    private static readonly Gen<Script> s_script = Gen.Select(s_command.Array[1, 5].Array[RoomRig.Clients.Length], Gen.Int[0, 31], Gen.Int[0, 2], Script.Of);

    // What failed is printed with its seed, which may be given in CsCheck_Seed; which of them came first, the machine decides anew each time.
    [Fact]
    public async Task What_clients_hear_who_send_at_once_comes_of_some_order()
    {
        await using var rig = await RoomRig.StartAsync();
        Exception? hung = null;
        await s_script.SampleAsync(
            async script =>
            {
                if (hung is not null)
                {
                    throw new InvalidOperationException("an earlier sequence did not end", hung);
                }

                try
                {
                    await PlayAsync(rig, script);
                }
                catch (TimeoutException failure)
                {
                    hung = failure;
                    throw;
                }
            },
            iter: Sequences,
            threads: 1,
            print: script => script.ToString());
    }

    [Fact]
    public async Task Two_hundred_who_leave_at_once_are_gone_for_everybody()
    {
        const int Many = 200;
        await using var server = await MucServer.StartAsync(new Meerkat.Modules.Muc.MucOptions { MaxUsers = 500, DefaultRoom = new() { MaxUsers = 500 } });
        await using var owner = await server.CreateAsync();
        var clients = new TestClient[Many];
        for (var i = 0; i < Many; i++)
        {
            clients[i] = await server.ConnectAsync($"user{i}", "pc");
            await clients[i].JoinAsync($"n{i}");
            await owner.PresenceOfAsync($"n{i}");
        }

        // Some say so, some close their stream, some are just gone.
        await Task.WhenAll(clients.Select((client, i) => Task.Run(async () =>
        {
            switch (i % 4)
            {
                case 0:
                    await client.SendAsync("</stream:stream>");
                    break;
                case 1:
                    await client.DropAsync();
                    break;
                default:
                    await client.SendAsync($"<presence type='unavailable' to='{MucServer.Room}/n{i}'/>");
                    break;
            }
        })));

        var gone = new List<string>();
        while (gone.Count < Many)
        {
            var presence = await owner.ReceiveAsync();
            Assert.Equal(("presence", "unavailable"), (presence.Name, presence.Attribute("type")));
            gone.Add(presence.Attribute("from")!);
        }

        Assert.Equal(Many, gone.Distinct().Count());
        await owner.ExpectNothingAsync();
        var items = await owner.AskAsync($"<iq type='get' to='{MucServer.Room}'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");
        Assert.Equal([$"{MucServer.Room}/owner"], items.FirstChild!.Value.Children.Select(item => item.Attribute("jid")));

        // Who is still there has heard of himself, and nothing of others behind it.
        for (var i = 0; i < Many; i++)
        {
            if (i % 4 > 1)
            {
                await clients[i].PresenceOfAsync($"n{i}", "unavailable");
                await clients[i].ExpectNothingAsync();
            }

            await clients[i].DisposeAsync();
        }
    }

    private static async Task PlayAsync(RoomRig rig, Script script)
    {
        rig.Begin();
        var before = await rig.PlayAsync(script.Opening, 0);
        var during = await rig.PlayAsync(script.AtOnce, script.Ticks);
        var end = await rig.DescribeAsync();
        await rig.EndAsync(script.AtOnce);

        var opening = new PlainRoom();
        foreach (var command in script.Opening[0])
        {
            opening = opening.Apply(command).Single().After;
        }

        Assert.Empty(before.Skip(1).SelectMany(heard => heard));
        var order = new SerialOrder(script.AtOnce, during, end, script.Ticks > 0);
        Assert.True(
            order.Find(opening) is not null,
            $"no order explains what was heard\n  {string.Join("\n  ", during.Select((heard, client) => $"{RoomRig.Clients[client]} heard {string.Join(", ", heard)}"))}\n  end: {end}\n  longest: {order.Longest}");
    }

    /// <summary>A sequence: an owner makes the room and another one an owner; then all send at once.</summary>
    private sealed record Script(Command[][] Opening, Command[][] AtOnce, int Ticks)
    {
        public static Script Of(Command[][] commands, int configuration, int ticks)
        {
            var nobody = RoomRig.Clients.Select(_ => Array.Empty<Command>()).ToArray();
            Command[] opening =
            [
                new(CommandKind.Join, s_nicks[0], "owner", 0), new(CommandKind.Configure, "", "", configuration & ~1), new(CommandKind.Affiliate, "", "second", 4),
            ];
            if ((configuration & (8 | 16)) == (8 | 16))
            {
                // A persistent room that everybody has left: it goes to rest while the others come.
                opening = [.. opening, new(CommandKind.Say, "", "", 0), new(CommandKind.Leave, s_nicks[0], "", 0)];
            }

            nobody[0] = Own(opening, 0, "s");
            return new Script(nobody, [.. commands.Select((own, client) => Own(client == 0 ? own : [new(CommandKind.Join, s_nicks[client % s_nicks.Length], "", 16), .. own], client, ""))], ticks);
        }

        public override string ToString() =>
            string.Join("\n", Opening.Concat(AtOnce).Where(own => own.Length > 0).Select(own => $"{own[0].By}: {string.Join(" | ", own.AsEnumerable())}")) + $"\nticks: {Ticks}";

        // A client that is gone sends nothing.
        private static Command[] Own(Command[] commands, int client, string prefix)
        {
            var end = Array.FindIndex(commands, command => command.Kind is CommandKind.Disconnect);
            return [.. (end < 0 ? commands : commands[..(end + 1)]).Select((command, i) => command with { By = RoomRig.Clients[client], Id = $"{prefix}{client}-{i}" })];
        }
    }
}
