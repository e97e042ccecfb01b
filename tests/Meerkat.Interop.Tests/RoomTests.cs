using System.Text.Json;

namespace Meerkat.Interop.Tests;

/// <summary>Clients of several makes in one room: one of them owns it, slixmpp is its guest and says what it sees there (XEP-0045 §§6 to 10).</summary>
public sealed class RoomTests(ServerUnderTest server)
{
    // XEP-0045, XEP-0313, XEP-0421
    [Fact]
    public async Task Gajims_library_owns_a_room_with_slixmpp_in_it()
    {
        Programs.NeedPython("nbxmpp", "python3-nbxmpp");
        var (owner, other) = await NeedAsync();
        await using var guest = ClientProcess.StartScript(server, "with_slixmpp.py", "guest", other);
        await guest.StepAsync("online");
        await using var host = ClientProcess.StartScript(server, "with_nbxmpp.py", "room", owner, other);
        var room = (await host.StepAsync("made and configured")).GetProperty("room").GetString()!;

        await InvitedAsync(guest, room, "come in");
        await JoinAsync(guest, room, "host", "before you came 47", "before you came 48", "before you came 49");
        await guest.SayAsync("say hello from the guest");
        await HeardAsync(guest, "heard", "host", "hello from the host");
        await HeardAsync(guest, "whispered", "host", "psst, guest");
        await guest.SayAsync("whisper host psst, host");
        await host.StepAsync("said, whispered, subject set");
        await SubjectAsync(guest, "host", "otters");
        await host.SayAsync("go on");
        await RemovedAsync(guest, 307);
        await host.StepAsync("kicked and banned");
        await RefusedAsync(guest, room);
        Assert.True((await host.StepAsync("paged")).GetProperty("pages").GetInt32() >= 3);
        await host.StepAsync("destroyed");
        await host.EndAsync();
        await guest.EndAsync();
    }

    // XEP-0045, XEP-0313
    [Fact]
    public async Task Converse_owns_a_room_with_slixmpp_in_it()
    {
        ConverseTests.Need();
        var (owner, other) = await NeedAsync();
        await using var guest = ClientProcess.StartScript(server, "with_slixmpp.py", "guest", other);
        await guest.StepAsync("online");
        await using var host = ClientProcess.StartScript(server, "with_converse.py", "room", owner, other);
        var room = (await host.StepAsync("made and configured")).GetProperty("room").GetString()!;

        await InvitedAsync(guest, room, "come in");
        await JoinAsync(guest, room, "host", "before you came");
        await guest.SayAsync("lines 55"); // more than a page of the archive
        await guest.SayAsync("say hello from the guest");
        await HeardAsync(guest, "heard", "host", "hello from the host");
        await HeardAsync(guest, "whispered", "host", "psst, guest");
        await guest.SayAsync("whisper host psst, host");
        await host.StepAsync("whispered");
        await host.StepAsync("said, subject set");
        await SubjectAsync(guest, "host", "otters");
        await host.SayAsync("go on");
        await host.StepAsync("kicked");
        await RemovedAsync(guest, 307);
        await ComeBackAsync(guest, room, "hello from the guest", "hello from the host");
        await host.SayAsync("go on");
        await host.StepAsync("banned");
        await RemovedAsync(guest, 301);
        await RefusedAsync(guest, room);
        await host.StepAsync("archive");
        await host.EndAsync();
        await guest.EndAsync();
    }

    // Profanity 0.13 pages through the archives of conversations (XEP-0313) and never asks a room's.
    [Fact]
    public async Task Profanity_owns_a_room_with_slixmpp_in_it()
    {
        ProfanityTests.Need();
        var (owner, other) = await NeedAsync();
        var room = $"terminal-{owner.Localpart}@conference.{ServerUnderTest.Domain}";
        await using var guest = ClientProcess.StartScript(server, "with_slixmpp.py", "guest", other);
        await guest.StepAsync("online");
        await using var host = await ProfanityTests.LogInAsync(server, owner);

        await host.TypeAsync($"/join {room} nick host");
        await host.ShowsAsync("Room locked, requires configuration.");
        await host.TypeAsync("/room config");
        await host.ShowsAsync("/form submit");
        await host.TypeAsync("/form submit");
        await host.ShowsAsync("Room configuration successful");
        await host.TypeAsync("before you came");
        await host.ShowsAsync("host: before you came");

        await host.TypeAsync($"/invite send {other.Jid} come_in");
        await InvitedAsync(guest, room, "come_in");
        await JoinAsync(guest, room, "host", "before you came");
        await guest.SayAsync("say hello from the guest");
        await host.ShowsAsync("guest: hello from the guest");
        await host.TypeAsync("hello from the host");
        await HeardAsync(guest, "heard", "host", "hello from the host");

        await host.TypeAsync("/subject set otters");
        await host.ShowsAsync("otters");
        await SubjectAsync(guest, "host", "otters");

        // A window of its own, in which the answer comes too.
        await host.TypeAsync("/msg guest psst, guest");
        await HeardAsync(guest, "whispered", "host", "psst, guest");
        await guest.SayAsync("whisper host psst, host");
        await host.ShowsAsync("guest: psst, host");
        await host.TypeAsync("/win 2");
        await host.TypeAsync("/kick guest out");
        await RemovedAsync(guest, 307);
        await host.ShowsAsync("guest has been kicked from the room");
        await ComeBackAsync(guest, room, "hello from the guest", "hello from the host");
        await host.TypeAsync($"/ban {other.Jid} out");
        await RemovedAsync(guest, 301);
        await host.ShowsAsync("guest has been banned from the room");
        await RefusedAsync(guest, room);
        await guest.EndAsync();
    }

    private async Task<(Account Owner, Account Guest)> NeedAsync()
    {
        Programs.NeedPython("slixmpp", "python3-slixmpp");
        return (await server.RegisterAsync("host"), await server.RegisterAsync("guest"));
    }

    private static async Task InvitedAsync(ClientProcess guest, string room, string reason)
    {
        var invitation = await guest.StepAsync("invited");
        Assert.Equal((room, reason), (invitation.GetProperty("room").GetString(), invitation.GetProperty("reason").GetString()));
    }

    private static async Task JoinAsync(ClientProcess guest, string room, string owner, params string[] history)
    {
        await guest.SayAsync($"join {room}");
        var joined = await guest.StepAsync("joined");
        Assert.Equal([owner], Texts(joined.GetProperty("others")).Where(nick => nick != "guest"));
        Assert.Equal(history, Texts(joined.GetProperty("history")));
    }

    // Of the three stanzas of history that it asks for, the subject is the last.
    private static async Task ComeBackAsync(ClientProcess guest, string room, params string[] history)
    {
        await guest.SayAsync($"join {room}");
        if (history.Length < 3)
        {
            await SubjectAsync(guest, "host", "otters");
        }

        Assert.Equal(history, Texts((await guest.StepAsync("joined")).GetProperty("history")));
    }

    private static async Task HeardAsync(ClientProcess guest, string step, string nick, string body)
    {
        var heard = await guest.StepAsync(step);
        Assert.Equal((nick, body), (heard.GetProperty("nick").GetString(), heard.GetProperty("body").GetString()));
    }

    private static async Task SubjectAsync(ClientProcess guest, string nick, string subject)
    {
        var set = await guest.StepAsync("subject");
        Assert.Equal((nick, subject), (set.GetProperty("nick").GetString(), set.GetProperty("subject").GetString()));
    }

    private static async Task RemovedAsync(ClientProcess guest, int code)
    {
        var removed = await guest.StepAsync("removed");
        Assert.Contains(code, removed.GetProperty("codes").EnumerateArray().Select(code => code.GetInt32()));
    }

    private static async Task RefusedAsync(ClientProcess guest, string room)
    {
        await guest.SayAsync($"join {room}");
        Assert.Equal("forbidden", (await guest.StepAsync("refused")).GetProperty("condition").GetString());
    }

    private static IEnumerable<string> Texts(JsonElement list) => list.EnumerateArray().Select(text => text.GetString()!);
}
