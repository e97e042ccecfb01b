using System.Collections.Concurrent;
using System.Globalization;
using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;
using Meerkat.Modules.Muc;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Tests.Muc.Model;

/// <summary>A server with clients that send to a room all at once, and what they have heard, in words.</summary>
internal sealed class RoomRig : IAsyncDisposable
{
    /// <summary>Two owners, two others, and a second session of one of them.</summary>
    public static readonly Client[] Clients = [new(0, "owner", "pc"), new(1, "second", "pc"), new(2, "a", "pc"), new(3, "b", "pc"), new(4, "b", "phone")];

    // Few: what one sequence leaves behind, a later one finds.
    private const int Rooms = 16;

    private readonly TestServer _server;
    private readonly Closings _closings;
    private readonly TestClient[] _clients = new TestClient[Clients.Length];
    private int _sequences;

    private RoomRig(TestServer server, Closings closings) => (_server, _closings) = (server, closings);

    private string Room => $"room{_sequences % Rooms}@{MucServer.Service}";

    public static async Task<RoomRig> StartAsync()
    {
        var closings = new Closings();
        var options = new MucOptions { HibernateTimeout = TimeSpan.Zero, MaxUserConferences = int.MaxValue }; // an empty room rests as soon as it may
        var server = await MucServer.StartAsync(options, with => with.Module<ClosingsModule>(closings), new YieldingRoomStore());
        var rig = new RoomRig(server, closings);
        for (var i = 0; i < Clients.Length; i++)
        {
            rig._clients[i] = await rig.ConnectAsync(Clients[i]);
        }

        return rig;
    }

    /// <summary>Begins a sequence: a room that nobody has made.</summary>
    public void Begin() => _sequences++;

    /// <summary>Sends what each client has to send, all at once, lets time pass meanwhile, and waits until the room has done with all of it.</summary>
    /// <returns>What each has heard.</returns>
    public async Task<List<string>[]> PlayAsync(Command[][] commands, int ticks)
    {
        var ended = commands.Select((own, client) => own is [.., { Kind: CommandKind.Disconnect }] ? _closings.Of(_clients[client].Jid) : null).ToArray();
        await Task.WhenAll([.. commands.Select((own, client) => Task.Run(() => SendAsync(client, own))), Task.Run(() => PassAsync(ticks))]);
        await Task.WhenAll(ended.OfType<Task>()).WaitAsync(_clients[0].Patience);

        // Who is answered by the room has been through it with all that he sent; who is answered once more has got all that the others led to.
        List<string>[] heard = [.. commands.Select(_ => new List<string>())];
        await Task.WhenAll(commands.Select((own, client) => ended[client] is null ? ListenAsync(client, Room, heard[client]) : HearOutAsync(client, own[^1], heard[client])));
        await Task.WhenAll(commands.Select((_, client) => ended[client] is null ? ListenAsync(client, MucServer.Service, heard[client]) : Task.CompletedTask));
        return heard;
    }

    /// <summary>How the room is now, in the words of <see cref="PlainRoom.ToString"/>.</summary>
    public async Task<string> DescribeAsync()
    {
        if (await AskAsync(RoomAdministration.Configuration) is not { } settings || settings.Child("configuration") is not { } configuration)
        {
            return "no room";
        }

        var users = (await AskAsync(RoomAdministration.Users))!.Value.Children.OrderBy(user => user.Attribute("nick"), StringComparer.Ordinal)
            .Select(user => $"{user.Attribute("nick")}={((Role)Number(user, "role")).Word()} {Short(user.Attribute("jid"))}");
        var affiliations = (await AskAsync(RoomAdministration.Affiliations))!.Value.Children.OrderBy(entry => entry.Attribute("jid"), StringComparer.Ordinal)
            .Select(entry => $"{Short(entry.Attribute("jid"))}={((Affiliation)Number(entry, "affiliation")).Word()}");
        var subject = settings.Child("subject")!.Value is var set && set.FirstChild is { } text ? $"#{set.Attribute("author")}:{text.Text}" : "";
        return $"locked={await IsLockedAsync()} members={Flag("members_only")} moderated={Flag("moderated")} open={configuration.Attribute("anonymous") == "0"} persistent={Flag("persistent")} subject={subject}; "
            + string.Join(", ", affiliations) + "; " + string.Join(", ", users);

        bool Flag(string name) => configuration.Attribute(name) == "1";
    }

    /// <summary>Ends the sequence: the room goes, and who has gone comes back.</summary>
    public async Task EndAsync(Command[][] commands)
    {
        await AskAsync(RoomAdministration.Destroy, XmlElement.Parse("<destroy xmlns=''/>"));
        for (var i = 0; i < Clients.Length; i++)
        {
            if (commands[i] is [.., { Kind: CommandKind.Disconnect }])
            {
                await _clients[i].DisposeAsync();
                _clients[i] = await ConnectAsync(Clients[i]);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        await _server.DisposeAsync();
    }

    private async Task<TestClient> ConnectAsync(Client client)
    {
        var connected = await _server.ConnectAsync(client.User, client.Resource);
        connected.Patience = TimeSpan.FromSeconds(20);
        return connected;
    }

    private async Task SendAsync(int client, Command[] commands)
    {
        foreach (var command in commands)
        {
            if (command.ToXml(Room, _server.Domain) is { Length: > 0 } xml)
            {
                await _clients[client].SendAsync(xml);
            }

            if (command.Kind is CommandKind.Disconnect && command.IsSilent)
            {
                await _clients[client].DropAsync();
            }
            else if ((command.Value & 16) != 0)
            {
                await Task.Yield();
            }
        }
    }

    private async Task PassAsync(int ticks)
    {
        for (var i = 0; i < ticks; i++)
        {
            await Task.Yield();
            _server.Time.Advance(TimeSpan.FromSeconds(5));
        }
    }

    private async Task ListenAsync(int client, string whom, List<string> heard)
    {
        var id = $"end{_sequences}-{whom}";
        await _clients[client].SendAsync($"<iq type='get' id='{id}' to='{whom}'><ping xmlns='urn:xmpp:ping'/></iq>");
        while (await _clients[client].ReceiveAsync() is var got && got.Attribute("id") != id)
        {
            Note(got, heard);
        }
    }

    // Who has closed his stream gets what was sent before; who has gone without a word reads nothing any more.
    private async Task HearOutAsync(int client, Command last, List<string> heard)
    {
        while (!last.IsSilent && await _clients[client].ReceiveFrameAsync() is { Kind: XmlFrameKind.Element } frame)
        {
            Note(frame.Element, heard);
        }
    }

    private void Note(XmlElement stanza, List<string> heard)
    {
        if (stanza.Attribute("from") is { } from && from.Split('/') is [var bare, .. var rest] && bare == Room && WordOf(stanza, rest.Length > 0 ? rest[0] : "") is { } word)
        {
            heard.Add(word);
        }
    }

    private static string? WordOf(XmlElement stanza, string nick)
    {
        var x = stanza.Child("x", Ns.MucUser);
        var codes = x is null ? [] : stanza.Codes().Order(StringComparer.Ordinal).ToArray();
        return (stanza.Name, stanza.Attribute("type")) switch
        {
            (_, "error") => $"!{stanza.Attribute("id")} {LeaveRules.Condition(stanza)}",
            ("iq", "result") => $"={stanza.Attribute("id")}",
            ("presence", var type) => $"{(type is null ? '+' : '-')}{nick} {Item("role")} {Item("affiliation")}{(Item("jid") is { } jid ? " " + Short(jid) : "")} [{string.Join(',', codes)}]"
                + (Item("nick") is { } other ? " " + other : "") + (x?.Child("destroy") is null ? "" : " destroyed"),
            ("message", "groupchat") when codes is [var code] => $"*{code}",
            ("message", "groupchat") when stanza.ChildText("subject") is { } subject => $"{Late(stanza)}#{nick}:{subject}",
            ("message", "groupchat") => $"{Late(stanza)}{nick}:{stanza.ChildText("body")}",
            _ => null, // an invitation is for the account
        };

        string? Item(string name) => x?.Child("item")?.Attribute(name);
    }

    private static string Late(XmlElement message) => message.Child("delay", Ns.Delay) is null ? "" : "~";

    // Locked: it does not exist for others (XEP-0045 §10.1).
    private async Task<bool> IsLockedAsync() =>
        (await ((MucModule)_server.Host.Modules["mod_muc"]).Rooms.AskAsync(Room, new RoomCommand(RoomCommandKind.List) { Who = Jid.Parse($"owner@{_server.Domain}") }, CancellationToken.None)).Payload is null;

    private async Task<XmlElement?> AskAsync(string operation, XmlElement? payload = null)
    {
        var command = new RoomCommand(RoomCommandKind.Administer) { Text = operation, Payload = payload };
        return (await ((MucModule)_server.Host.Modules["mod_muc"]).Rooms.AskAsync(Room, command, CancellationToken.None)).Payload;
    }

    private static int Number(XmlElement element, string name) => int.Parse(element.Attribute(name)!, CultureInfo.InvariantCulture);

    private static string Short(string? jid) => (jid ?? "").Replace("@example.test", "", StringComparison.Ordinal);
}

/// <summary>Sessions whose end has reached their rooms.</summary>
public sealed class Closings
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new();

    /// <summary>Ends with that session.</summary>
    public Task Of(string session) => (_waiting[session] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    internal void Ended(string session)
    {
        if (_waiting.TryRemove(session, out var waiting))
        {
            waiting.SetResult();
        }
    }
}

/// <summary>Sees sessions end, behind everybody else.</summary>
[Module("a_test_closings", Options = typeof(Closings))]
public sealed class ClosingsModule(Closings closings) : IModule
{
    public void Register(IModuleRegistry on) => on.Hook(SessionHooks.Closed, SessionSlot.Observe, (closed, _) =>
    {
        closings.Ended(closed.Session.Jid.ToString());
        return new(HookResult.Continue);
    });
}
