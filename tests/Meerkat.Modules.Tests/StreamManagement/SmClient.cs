using System.Globalization;
using Meerkat.Core.Sessions;
using Meerkat.Testing;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Tests.StreamManagement;

/// <summary>What the tests of stream management say again and again.</summary>
internal static class SmClient
{
    public const string Sm = "xmlns='urn:xmpp:sm:3'";

    /// <summary>Enables stream management with resumption.</summary>
    /// <returns>The id.</returns>
    public static async Task<string> EnableAsync(this TestClient client)
    {
        await client.SendAsync($"<enable {Sm} resume='true'/>");
        return (await client.ExpectAsync($"<enabled {Sm} resume='true'/>")).Attribute("id")!;
    }

    /// <summary>Asks what was handled, which also makes sure that everything sent so far was.</summary>
    public static async Task<uint> AskHandledAsync(this TestClient client)
    {
        await client.SendAsync($"<r {Sm}/>");
        return uint.Parse((await client.ReceiveAsync(element => element.Name == "a")).Attribute("h")!, CultureInfo.InvariantCulture);
    }

    /// <summary>A stream that is authenticated and has nothing bound.</summary>
    public static async Task<TestClient> LogInOnlyAsync(this TestServer server, string name)
    {
        var client = server.Open();
        await client.LogInAsync(name, server.Domain, "secret");
        return client;
    }

    public static async Task<Session> SessionAsync(this TestServer server, string jid) =>
        (Session)(await server.Context.Sessions.FindAsync(FullJid.Parse(jid), CancellationToken.None))!;

    /// <summary>Drops the connection and waits until the session knows.</summary>
    public static async Task LoseAsync(this TestServer server, TestClient client, string jid)
    {
        var session = await server.SessionAsync(jid);
        await client.DropAsync();
        await Until(() => session.IsDetached || session.HasEnded);
    }

    public static async Task Until(Func<bool> condition)
    {
        for (var i = 0; !condition(); i++)
        {
            if (i > 1500)
            {
                throw new TimeoutException();
            }

            await Task.Delay(10);
        }
    }
}
