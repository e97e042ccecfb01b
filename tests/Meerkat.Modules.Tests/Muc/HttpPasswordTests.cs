using System.Net;
using System.Net.Sockets;
using System.Text;
using Meerkat.Connections.Outgoing;
using Meerkat.Core.Hosts;
using Meerkat.Modules.Muc;
using Meerkat.Testing;
using Xunit;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>Passwords of rooms are another service's to judge (<c>http_auth_pool</c>, MUC-025): a real one, over HTTP.</summary>
public sealed class HttpPasswordTests
{
    [Fact]
    public async Task A_web_service_judges_passwords_and_a_dead_one_lets_nobody_in()
    {
        using var service = new PasswordService();
        await using var server = await StartAsync(service, TimeSpan.FromSeconds(5));
        await using var owner = await server.CreateAsync("owner", "owner", "passwordprotectedroom=1", "roomsecret=own");
        await using var alice = await server.ConnectAsync("alice", "pc");

        await alice.JoinAsync("al", inside: "<password>p&amp;w</password>");
        Assert.Equal("/rooms/check_password?from=alice%40example.test%2Fpc&to=room%40conference.example.test&pass=p%26w", service.Asked);
        await owner.PresenceOfAsync("al");

        await using var bob = await server.ConnectAsync("bob");
        service.Answer = (200, "{\"code\": 5, \"msg\": \"no otter\"}");
        await bob.SendJoinAsync("bob", inside: "<password>own</password>"); // the room's own does not count
        var refused = await bob.ReceiveAsync();
        refused.IsError("not-authorized", "auth");
        Assert.Contains("5 no otter", refused.ToString());
        foreach (var answer in ((int, string)[])[(500, "{\"code\": 0}"), (200, "no json"), (200, "{}")])
        {
            service.Answer = answer;
            await bob.SendJoinAsync("bob", inside: "<password>x</password>");
            (await bob.ReceiveAsync()).IsError("service-unavailable", "cancel");
        }

        service.Dispose(); // it dies
        await bob.SendJoinAsync("bob", inside: "<password>x</password>");
        (await bob.ReceiveAsync()).IsError("service-unavailable", "cancel");
        await alice.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>still here</body></message>");
        await owner.MessageAsync("still here");
    }

    [Fact]
    public async Task A_room_does_not_wait_for_a_service_that_hangs()
    {
        using var service = new PasswordService { Hangs = true };
        await using var server = await StartAsync(service, TimeSpan.FromMilliseconds(300));
        await using var owner = await server.CreateAsync("owner", "owner", "passwordprotectedroom=1", "roomsecret=own");
        await using var bob = await server.ConnectAsync("bob");
        await bob.SendJoinAsync("bob", inside: "<password>x</password>");
        await owner.SendAsync($"<message type='groupchat' to='{MucServer.Room}'><body>meanwhile</body></message>");
        await owner.MessageAsync("meanwhile");
        (await bob.ReceiveAsync()).IsError("service-unavailable", "cancel"); // after request_timeout
    }

    [Fact] // MUC-051: it stops when nobody is in it and nobody is expected
    public async Task A_room_that_is_empty_waits_for_who_is_being_judged()
    {
        using var service = new PasswordService { Waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) };
        await using var server = await StartAsync(service, TimeSpan.FromSeconds(30));
        await using var owner = await server.CreateAsync("owner", "owner", "passwordprotectedroom=1", "roomsecret=own");
        await using var bob = await server.ConnectAsync("bob");
        await bob.SendJoinAsync("bob", inside: "<password>x</password>");
        await service.Waits!.Task; // asked
        await owner.SendAsync($"<presence type='unavailable' to='{MucServer.Room}/owner'/>");
        await owner.PresenceOfAsync("owner", "unavailable");

        service.Answers.SetResult();

        await bob.UpToSubjectAsync();
        await bob.SendAsync($"<presence type='unavailable' to='{MucServer.Room}/bob'/>");
        await bob.PresenceOfAsync("bob", "unavailable");
        (await bob.AskAsync($"<iq type='get' to='{MucServer.Room}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>")).IsError("item-not-found", "cancel");
    }

    [Fact] // MUC-051
    public async Task A_room_that_is_empty_ends_when_nobody_comes_after_all()
    {
        using var service = new PasswordService { Waits = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), Answer = (200, "{\"code\": 7}") };
        await using var server = await StartAsync(service, TimeSpan.FromSeconds(30));
        await using var owner = await server.CreateAsync("owner", "owner", "passwordprotectedroom=1", "roomsecret=own");
        await using var bob = await server.ConnectAsync("bob");
        await bob.SendJoinAsync("bob", inside: "<password>x</password>");
        await service.Waits!.Task;
        await owner.SendAsync($"<presence type='unavailable' to='{MucServer.Room}/owner'/>");
        await owner.PresenceOfAsync("owner", "unavailable");

        service.Answers.SetResult();

        (await bob.ReceiveAsync()).IsError("not-authorized", "auth");
        (await bob.AskAsync($"<iq type='get' to='{MucServer.Room}'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>")).IsError("item-not-found", "cancel");
    }

    [Fact]
    public async Task A_pool_that_is_not_there_fails_the_start() =>
        Assert.Contains("nosuch", (await Assert.ThrowsAsync<InvalidOperationException>(() => MucServer.StartAsync(new MucOptions { HttpAuthPool = "nosuch" }))).Message);

    private static Task<TestServer> StartAsync(PasswordService service, TimeSpan patience) => MucServer.StartAsync(
        new MucOptions { HttpAuthPool = "rooms" },
        with => with.HttpPools["rooms"] = new HttpPool(new HttpPoolOptions { Connection = new HttpConnectionOptions { Host = service.Address, PathPrefix = "/rooms/", RequestTimeout = patience } }, TimeProvider.System));

    private sealed class PasswordService : IDisposable
    {
        private readonly HttpListener _listener = new();

        public PasswordService()
        {
            using var free = new TcpListener(IPAddress.Loopback, 0);
            free.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
            free.Stop();
            _listener.Prefixes.Add(Address + "/");
            _listener.Start();
            _ = ServeAsync();
        }

        public string Address { get; }

        public string? Asked { get; private set; }

        public (int Status, string Body) Answer { get; set; } = (200, "{\"code\": 0, \"msg\": \"ok\"}");

        public bool Hangs { get; init; }

        /// <summary>Set when it is asked; then it waits for <see cref="Answers"/>. Null: it answers at once.</summary>
        public TaskCompletionSource? Waits { get; init; }

        public TaskCompletionSource Answers { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Dispose() => _listener.Close();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    var context = await _listener.GetContextAsync();
                    Asked = context.Request.RawUrl;
                    if (Hangs)
                    {
                        continue;
                    }

                    if (Waits is not null)
                    {
                        Waits.TrySetResult();
                        await Answers.Task;
                    }

                    context.Response.StatusCode = Answer.Status;
                    await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(Answer.Body));
                    context.Response.Close();
                }
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
            {
                // That is how it dies.
            }
        }
    }
}
