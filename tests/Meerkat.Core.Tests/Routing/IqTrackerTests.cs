using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Meerkat.Core.Tests.Routing;

/// <summary>Requests of the server's own (CORE-147).</summary>
public sealed class IqTrackerTests
{
    private static readonly FullJid s_alice = FullJid.Parse("alice@example.test/phone");
    private static readonly BareJid s_server = BareJid.Parse("alice@example.test").DomainJid;

    [Fact] // the answer is there, and who waits for it has not run yet when the time is up: on a busy machine that was silence
    public async Task An_answer_that_came_in_time_is_not_lost_to_the_time_out()
    {
        var time = new FakeTimeProvider();
        var tracker = new IqTracker(time);
        for (var i = 0; i < 200; i++)
        {
            var id = IqTracker.NewId();
            var asked = tracker.AskAsync(Iq.Create(IqType.Get, s_server, s_alice, id, new XmlBuilder("ping", Ns.Ping).Build()), _ => ValueTask.CompletedTask, TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            Assert.True(tracker.TryComplete(Iq.Create(IqType.Result, s_alice, s_server, id, null)));
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.NotNull(await asked);
        }
    }

    [Fact]
    public async Task Silence_is_null()
    {
        var time = new FakeTimeProvider();
        var asked = new IqTracker(time).AskAsync(Iq.Create(IqType.Get, s_server, s_alice, IqTracker.NewId(), new XmlBuilder("ping", Ns.Ping).Build()), _ => ValueTask.CompletedTask, TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await asked);
    }
}
