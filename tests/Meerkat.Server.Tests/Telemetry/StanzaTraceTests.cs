using System.Diagnostics;
using Meerkat.Core.Tracing;
using Meerkat.Testing;
using Xunit;

namespace Meerkat.Server.Tests.Telemetry;

/// <summary>A trace shows one stanza from the socket through hooks and storage to its recipients.</summary>
public sealed class StanzaTraceTests
{
    [Fact]
    public async Task A_message_is_followed_through_hooks_and_archive_to_its_recipient()
    {
        using var spans = new SpanCollection();
        await using var server = await TracedServer.StartAsync();
        await using var alice = await server.ConnectAsync("alicetrace");
        await using var bob = await server.ConnectAsync("bobtrace");
        await alice.SendAsync($"<message type='chat' id='traced-1' to='bobtrace@{TracedServer.Domain}/here'><body>a secret word</body></message>");
        await bob.ExpectAsync("<message id='traced-1'><body>a secret word</body></message>");

        var trace = await spans.TraceAsync("message chat", "xmpp.stanza.id", "traced-1", trace => trace.Count(span => span.DisplayName == "archive write") == 2);
        var root = trace.Single(span => span.DisplayName == "message chat");
        Assert.Equal(ActivityKind.Server, root.Kind);
        Assert.Equal($"alicetrace@{TracedServer.Domain}", root.GetTagItem("xmpp.from"));
        Assert.Equal($"bobtrace@{TracedServer.Domain}", root.GetTagItem("xmpp.to"));
        Assert.Equal(TracedServer.Domain, root.GetTagItem("xmpp.host_type"));
        Assert.NotNull(root.GetTagItem("xmpp.stream.id"));

        // The sender's hooks, then the router, in which are the recipient's hooks and the delivery.
        var sent = Child(root, "hook message.sent");
        var route = Child(root, "route");
        Assert.Equal("account", route.GetTagItem("meerkat.route"));
        var received = Child(route, "hook message.received");
        var deliver = Child(route, "deliver");
        Assert.Equal($"bobtrace@{TracedServer.Domain}", deliver.GetTagItem("xmpp.to"));
        Assert.Equal(true, deliver.GetTagItem("meerkat.taken"));
        Assert.Equal("tcp", Child(deliver, "send").GetTagItem("meerkat.transport"));

        // Both archives, each below the slot where it was ordered, with its transaction.
        foreach (var slot in new[] { Child(sent, "message.sent Archive"), Child(received, "message.received Archive") })
        {
            Assert.Equal("mod_mam", slot.GetTagItem("meerkat.module"));
            var write = Child(Child(slot, "archive write"), "sql write");
            Assert.Equal(("sqlite", "Archive"), (write.GetTagItem("db.system.name"), write.GetTagItem("meerkat.store")));
        }

        // Bare addresses, and never a body.
        var said = SpanCollection.Draw(trace);
        Assert.DoesNotContain("secret", said, StringComparison.Ordinal);
        Assert.DoesNotContain("/here", said, StringComparison.Ordinal);

        Activity Child(Activity parent, string name) =>
            trace.SingleOrDefault(span => span.ParentSpanId == parent.SpanId && span.DisplayName == name) ?? throw new InvalidOperationException($"no {name} below {parent.DisplayName} in\n{SpanCollection.Draw(trace)}");
    }

    [Fact]
    public async Task A_request_shows_its_handler_and_what_it_stores()
    {
        using var spans = new SpanCollection();
        await using var server = await TracedServer.StartAsync();
        await using var alice = await server.ConnectAsync("alicetrace2");
        await alice.SendAsync("<iq type='set' id='traced-2'><query xmlns='jabber:iq:private'><n xmlns='app:n'>milk</n></query></iq>");
        await alice.ExpectAsync("<iq type='result' id='traced-2'/>");

        var trace = await spans.TraceAsync("iq set", "xmpp.stanza.id", "traced-2", _ => true);
        Assert.Equal("jabber:iq:private", trace.Single(span => span.DisplayName == "iq set").GetTagItem("xmpp.iq.namespace"));
        var handler = trace.Single(span => span.DisplayName == "iq handler");
        var write = trace.Single(span => span.DisplayName == "sql write");
        Assert.Equal((handler.SpanId, "PrivateStore", "Set"), (write.ParentSpanId, write.GetTagItem("meerkat.store"), write.GetTagItem("db.operation.name")));
    }

    [Fact]
    public async Task A_type_that_there_is_not_makes_no_name_of_its_own()
    {
        using var spans = new SpanCollection();
        await using var server = await TracedServer.StartAsync();
        await using var alice = await server.ConnectAsync("alicetrace3");
        await alice.SendAsync($"<message type='anything at all' id='traced-3' to='alicetrace3@{TracedServer.Domain}'><body>x</body></message>");
        await spans.TraceAsync("message invalid", "xmpp.stanza.id", "traced-3", _ => true);
    }

    [Fact]
    public async Task What_is_not_chosen_is_not_traced()
    {
        using var spans = new SpanCollection();
        await using var server = await TracedServer.StartAsync("[instrumentation.otlp]\nsampling_ratio = 0\n");
        await using var alice = await server.ConnectAsync("alicetrace4");
        await alice.SendAsync("<iq type='set' id='traced-4'><query xmlns='jabber:iq:private'><n xmlns='app:n'>milk</n></query></iq>");
        await alice.ExpectAsync("<iq type='result' id='traced-4'/>");
        Assert.DoesNotContain(spans.All, span => $"alicetrace4@{TracedServer.Domain}".Equals(span.GetTagItem("xmpp.from")));
    }

    [Fact]
    public async Task A_message_to_a_large_room_has_a_bounded_number_of_spans()
    {
        const int Occupants = 12;
        const int Each = 60; // stanzas of one burst: many more copies than one trace may have spans, were it one stanza
        using var spans = new SpanCollection();
        await using var server = await TracedServer.StartAsync();
        List<TestClient> clients = [];
        try
        {
            for (var i = 0; i < Occupants; i++)
            {
                var client = await server.ConnectAsync($"occupant{i}");
                clients.Add(client);
                await client.SendAsync($"<presence to='room@conference.{TracedServer.Domain}/nick{i}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
                await client.ReceiveAsync(element => element.Attribute("from") == $"room@conference.{TracedServer.Domain}/nick{i}");
                if (i == 0)
                {
                    await client.SendAsync($"<iq type='set' id='c' to='room@conference.{TracedServer.Domain}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>");
                }
            }

            for (var i = 0; i < Each; i++)
            {
                await clients[0].SendAsync($"<message type='groupchat' id='burst-{i}' to='room@conference.{TracedServer.Domain}'><body>x</body></message>");
            }

            // Each stanza has the copies that it caused, whichever thread sent them.
            var trace = await spans.TraceAsync("message groupchat", "xmpp.stanza.id", $"burst-{Each - 1}", trace => trace.Count(span => span.DisplayName == "deliver") >= Occupants);
            Assert.Equal(Occupants, trace.Count(span => span.DisplayName == "deliver"));
            Assert.InRange(trace.Count, Occupants * 2, StanzaTrace.MaxSpans + 1);
        }
        finally
        {
            foreach (var client in clients)
            {
                await client.DisposeAsync();
            }
        }
    }
}
