using System.Collections.Concurrent;
using System.Text;
using Meerkat.Core.Cluster;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Meerkat.Core.Tests.Cluster;

/// <summary>Batches between nodes, over a network that loses and cuts.</summary>
public sealed class NodeLinkTests : IDisposable
{
    private static readonly FullJid s_bob = FullJid.Parse("bob@one.example/phone");
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly TestNetwork _network = new();
    private readonly ConcurrentQueue<SessionStanza> _arrived = new();
    private readonly ConcurrentQueue<SessionStanza> _undelivered = new();
    private readonly SemaphoreSlim _came = new(0);
    private readonly TestNetwork.Place _here;
    private readonly TestNetwork.Place _there;
    private readonly NodeLink _link;
    private readonly NodeLink _other;

    public NodeLinkTests()
    {
        Ns.RegisterWellKnown();
        _here = _network.Join("one");
        _there = _network.Join("two");
        _link = LinkOf(_here);
        _other = LinkOf(_there);
        _link.Undelivered = (_, stanza, _) => _undelivered.Enqueue(stanza);
        _other.Deliver = (_, stanza) =>
        {
            _arrived.Enqueue(stanza);
            _came.Release();
        };
    }

    [Fact]
    public async Task Stanzas_arrive_once_and_in_order_though_answers_are_lost()
    {
        _network.LoseAnswers = 5;
        for (var i = 0; i < 2000; i++)
        {
            Assert.True(_link.TrySend(_there.Self, Of(Chat($"{i}", "x"))));
        }

        await ArrivedAsync(2000);
        Assert.Equal(Enumerable.Range(0, 2000).Select(i => $"{i}"), _arrived.Select(stanza => stanza.Stanza.Id));
    }

    [Fact]
    public async Task A_stanza_arrives_as_it_was()
    {
        var message = Chat("a", "ü < & ]]>").Append(XmlElement.Parse("<first xmlns='a'/>", "")).Append(XmlElement.Parse("<second xmlns='b'>2</second>", "")).WithStableId(long.MaxValue - 5);
        var presence = Presence.Create(PresenceType.Unavailable, FullJid.Parse("carol@two.example/\u00e9 <&'"), s_bob);
        var iq = Iq.Create(IqType.Get, null, BareJid.Parse("one.example"), "i", XmlElement.Parse("<q xmlns='q'/>", ""));
        foreach (var stanza in new Stanza[] { message, presence, iq })
        {
            Assert.True(_link.TrySend(_there.Self, new SessionStanza(77, s_bob, stanza, stanza is Iq)));
        }

        await ArrivedAsync(3);
        var came = _arrived.ToArray();
        Assert.Equal([message.ToString(), presence.ToString(), iq.ToString()], came.Select(stanza => stanza.Stanza.ToString()));
        Assert.Equal([false, false, true], came.Select(stanza => stanza.PastFilters));
        Assert.All(came, stanza => Assert.Equal((77, s_bob), (stanza.Session, stanza.Jid)));
        Assert.Equal(message.StableId, ((Message)came[0].Stanza).StableId);
    }

    [Fact] // architecture §6: once per node, however many recipients
    public async Task The_bytes_that_stanzas_share_travel_once_in_a_batch()
    {
        var message = Message.Create(MessageType.Groupchat, FullJid.Parse("room@muc.one.example/nick"), null, "m", new XmlBuilder("body", Ns.Client).Text(new string('x', 10_000)).Build());
        _network.Cut(_here.Self, _there.Self); // so that they wait together
        for (var i = 0; i < 500; i++)
        {
            var to = FullJid.Parse($"u{i}@one.example/r");
            Assert.True(_link.TrySend(_there.Self, new SessionStanza(i, to, message.Readdress(message.From, to), false)));
        }

        _network.Mend(_here.Self, _there.Self);
        await ArrivedAsync(500);
        Assert.InRange(_network.Bytes, 10_000, 100_000);
        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"u{i}@one.example/r"), _arrived.Select(stanza => stanza.Stanza.To!.ToString()));
        Assert.All(_arrived, stanza => Assert.Equal(10_000, ((Message)stanza.Stanza).Body!.Length));
    }

    [Fact]
    public async Task What_is_asked_is_answered_behind_what_was_sent_before()
    {
        var seen = 0;
        _other.Serve(NodeVerb.FirstOther, async (from, body) =>
        {
            seen = _arrived.Count;
            await Task.Yield();
            return Encoding.UTF8.GetBytes($"{from.Name} {Encoding.UTF8.GetString(body.Span)}");
        });
        for (var i = 0; i < 100; i++)
        {
            _link.TrySend(_there.Self, Of(Chat($"{i}", "x")));
        }

        Assert.Equal("one hello", Encoding.UTF8.GetString((await _link.AskAsync(_there.Self, NodeVerb.FirstOther, "hello"u8.ToArray(), None)).Span));
        Assert.Equal(100, seen);
        _other.Serve(NodeVerb.FirstOther, (_, _) => throw new NodeRefusedException("no"));
        Assert.Contains("no", (await Assert.ThrowsAsync<NodeRefusedException>(async () => await _link.AskAsync(_there.Self, NodeVerb.FirstOther, default, None))).Message);
    }

    [Fact]
    public async Task What_a_node_did_not_take_before_it_left_is_told_and_questions_end()
    {
        _network.Kill(_there.Self);
        for (var i = 0; i < 50; i++)
        {
            Assert.True(_link.TrySend(_there.Self, Of(Chat($"{i}", "x"))));
        }

        var asked = _link.AskAsync(_there.Self, NodeVerb.FirstOther, default, None);
        _network.Remove(_there.Self);
        await Assert.ThrowsAsync<NodeUnreachableException>(async () => await asked);
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), _undelivered.Select(stanza => stanza.Stanza.Id));
        Assert.False(_link.TrySend(_there.Self, Of(Chat("late", "x"))));
    }

    [Fact]
    public async Task What_waits_is_bounded_and_holds_nobody_up_but_who_sends_there()
    {
        var third = _network.Join("three");
        var link = LinkOf(third);
        var came = new TaskCompletionSource();
        link.Deliver = (_, _) => came.TrySetResult();
        _network.Cut(_here.Self, _there.Self);
        var sent = 0;
        while (_link.TrySend(_there.Self, Of(Chat($"{sent}", new string('x', 100_000)))))
        {
            sent++;
        }

        Assert.InRange(sent, 100, 200); // 16 MiB
        var ready = _link.ReadyAsync(_there.Self, None);
        Assert.False(ready.IsCompleted);
        Assert.True(_link.TrySend(third.Self, Of(Chat("m", "x"))));
        await came.Task.WaitAsync(TimeSpan.FromSeconds(15), None);
        _network.Mend(_here.Self, _there.Self);
        await ready.AsTask().WaitAsync(TimeSpan.FromSeconds(15), None);
        await ArrivedAsync(sent);
    }

    [Fact]
    public async Task Bytes_that_are_no_batch_are_passed_over()
    {
        await _there.Receive!(_here.Self, new byte[] { 9, 9, 9 });
        await _there.Receive!(_here.Self, new byte[] { 1, 0x81 });
        _link.TrySend(_there.Self, Of(Chat("m", "x")));
        await ArrivedAsync(1);
    }

    public void Dispose() => _came.Dispose();

    private static Message Chat(string id, string body) =>
        Message.Create(MessageType.Chat, FullJid.Parse("alice@one.example/web"), BareJid.Parse("bob@one.example"), id, new XmlBuilder("body", Ns.Client).Text(body).Build());

    private static SessionStanza Of(Stanza stanza) => new(1, s_bob, stanza, false);

    private static NodeLink LinkOf(TestNetwork.Place place) => new(place, place, TimeProvider.System, new TestLog().CreateLogger<NodeLink>());

    private async Task ArrivedAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(await _came.WaitAsync(TimeSpan.FromSeconds(15), None), $"{i} of {count} arrived");
        }

        Assert.Equal(count, _arrived.Count);
    }
}
