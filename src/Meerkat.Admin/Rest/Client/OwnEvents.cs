using System.Runtime.CompilerServices;
using Meerkat.Admin.Http;
using Meerkat.Connections.Http;
using Meerkat.Core.Hosts;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Rest.Client;

/// <summary>What comes for a user, as it comes (RST-CLIENT-18).</summary>
internal static class OwnEvents
{
    private static readonly TimeSpan s_idle = TimeSpan.FromHours(1);

    /// <summary>The operation.</summary>
    public static RestOperation Of(ServerContext server) => new(ClientApiPart.Events, "GET", "/sse", async call =>
    {
        var listener = server.Domains.TryFindAccounts(call.Self.Domain, out var domain) ? await MessageListener.OpenAsync(domain, call.Self, call.Ct) : null;
        if (listener is null)
        {
            throw new RestException(403, "The account may have no session");
        }

        return new RestAnswer(200, null, default)
        {
            WriteAsync = async context =>
            {
                await using (listener)
                {
                    await new EventStream(context, s_idle, server.Time).WriteAsync(ct => ReadAsync(listener, server.Time, ct));
                }
            },
        };
    })
    {
        Summary = "A stream of events (text/event-stream): message for those of type chat, room.message for those of rooms.",
        Produces = "text/event-stream",
        Refusals = [403],
    };

    private static async IAsyncEnumerable<(string? Type, string Data)> ReadAsync(MessageListener listener, TimeProvider time, [EnumeratorCancellation] CancellationToken ct)
    {
        await foreach (var message in listener.ReadAsync(ct))
        {
            switch (message.Type)
            {
                case MessageType.Chat:
                    yield return ("message", RestAnswer.ToJson(MessageJson.Chat(message, time.GetUtcNow())));
                    break;
                case MessageType.Groupchat when message.From is not null:
                    yield return ("room.message", RestAnswer.ToJson(MessageJson.Room(message, time.GetUtcNow())));
                    break;
            }
        }
    }
}
