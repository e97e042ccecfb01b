using Meerkat.Testing;
using Xunit;

namespace Meerkat.Core.Tests.Streams;

public sealed class FirstConversationTests
{
    [Fact] // CORE-144, RFC 6121 §8.5.3.1
    public async Task Two_clients_chat()
    {
        await using var server = await TestServer.StartAsync();
        await using var alice = await server.ConnectAsync("alice", "a");
        await using var bob = await server.ConnectAsync("bob", "b");

        await alice.SendAsync($"<message to='{bob.Jid}' type='chat' id='m1'><body>Hello &amp; welcome</body></message>");
        await bob.ExpectAsync($"<message from='{alice.Jid}' to='{bob.Jid}' type='chat' id='m1'><body>Hello &amp; welcome</body></message>");
        await bob.SendAsync($"<message to='{alice.BareJid}' type='chat' id='m2'><body>Thanks</body></message>");
        await alice.ExpectAsync($"<message from='{bob.Jid}' to='{alice.BareJid}' type='chat' id='m2'><body>Thanks</body></message>");
        Assert.Empty(server.Log.Errors);
    }
}
