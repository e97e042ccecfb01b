using System.Diagnostics;
using Meerkat.Hostile;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>A persistent room comes back with its configuration, affiliations, subject and history: after a stop, and after <c>kill -9</c> with all that was acknowledged (architecture §2, durability).</summary>
[Collection("Server processes under load")] // one at a time
public sealed class RoomRestartTests
{
    private const string Room = "den@conference." + ServerProcess.Domain;
    private const int Said = 15;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_acknowledged_in_a_room_is_there_after_a_restart(bool killed)
    {
        await using var server = await ServerProcess.StartAsync(text => $"{text}\n[modules.mod_muc]\n");
        await using (var owner = await CrashWriter.ConnectAsync(server, server.Accounts[0]))
        {
            await owner.SendAsync("<enable xmlns='urn:xmpp:sm:3'/>");
            await owner.ExpectAsync("<enabled xmlns='urn:xmpp:sm:3'/>");
            await owner.SendAsync($"<presence to='{Room}/owner'><x xmlns='{Ns.Muc}'/></presence>");
            await AskAsync(owner, $"<query xmlns='{Ns.MucOwner}'><x xmlns='jabber:x:data' type='submit'><field var='muc#roomconfig_roomname'><value>The Den</value></field><field var='muc#roomconfig_persistentroom'><value>1</value></field></x></query>");
            await AskAsync(owner, $"<query xmlns='{Ns.MucAdmin}'><item jid='{server.Accounts[1]}@{ServerProcess.Domain}' affiliation='admin'/></query>");
            await owner.SendAsync($"<message type='groupchat' to='{Room}'><subject>otters</subject></message>");
            var sent = 4u;
            for (var number = 0; number < Said; number++, sent++)
            {
                await owner.SendAsync($"<message type='groupchat' to='{Room}' id='m{number}'><body>said {number}</body></message>");
            }

            await AcknowledgedAsync(owner, sent);
            if (killed)
            {
                await server.KillAsync();
            }
            else
            {
                using var signal = Process.Start("/bin/sh", ["-c", $"kill -TERM {server.ProcessId}"]);
                Assert.Equal(0, await server.WaitForExitAsync());
            }
        }

        await server.RestartAsync();
        await using var admin = await CrashWriter.ConnectAsync(server, server.Accounts[1]);
        await admin.SendAsync($"<presence to='{Room}/admin'><x xmlns='{Ns.Muc}'/></presence>");
        var history = new List<string>();
        while (await admin.ReceiveAsync() is var element && element.Attribute("type") != "error")
        {
            if (element.Name == "presence" && element.Attribute("from") == Room + "/admin")
            {
                Assert.Equal("admin", element.Child("x", Ns.MucUser)!.Value.Child("item")!.Value.Attribute("affiliation"));
            }
            else if (element.ChildText("body") is { Length: > 0 } body)
            {
                history.Add(body);
            }

            if (history.Count == Said)
            {
                break;
            }
        }

        Assert.Equal(Enumerable.Range(0, Said).Select(number => $"said {number}"), history);
        var info = (await admin.AskAsync($"<iq type='get' to='{Room}'><query xmlns='{Ns.DiscoInfo}'/></iq>")).ToString();
        Assert.Contains("The Den", info);
        Assert.Contains("muc_persistent", info);
        Assert.Contains("otters", info);
    }

    private static async Task AskAsync(TestClient client, string payload)
    {
        var answer = await client.AskAsync($"<iq type='set' to='{Room}'>{payload}</iq>");
        Assert.True(answer.Attribute("type") == "result", answer.ToString());
    }

    // XEP-0198 §4: asked again until everything is durable.
    private static async Task AcknowledgedAsync(TestClient client, uint sent)
    {
        XmlElement answer;
        do
        {
            await client.SendAsync("<r xmlns='urn:xmpp:sm:3'/>");
            answer = await client.ReceiveAsync(element => element.Is("a", Ns.StreamManagement));
        }
        while (uint.Parse(answer.Attribute("h")!) < sent);
    }
}
