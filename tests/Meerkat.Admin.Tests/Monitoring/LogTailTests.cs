using Meerkat.Admin.Monitoring;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Meerkat.Admin.Tests.Monitoring;

/// <summary>The ring of the log's last entries.</summary>
public sealed class LogTailTests
{
    [Fact]
    public void The_last_entries_are_kept_in_order_and_the_oldest_make_room()
    {
        using var tail = new LogTail(TimeProvider.System);
        var log = tail.CreateLogger("a.test");
        for (var i = 1; i <= LogTail.Capacity + 3; i++)
        {
            log.Write(LogLevel.Information, $"entry {i}");
        }

        var all = tail.Read(int.MaxValue, LogLevel.Trace);
        Assert.Equal(LogTail.Capacity, all.Count);
        Assert.Equal(("entry 4", 4L), (all[0].Message, all[0].Id));
        Assert.Equal(["entry 2002", "entry 2003"], tail.Read(2, LogLevel.Trace).Select(entry => entry.Message));
    }

    [Fact]
    public void Severity_is_asked_for_and_counted()
    {
        using var tail = new LogTail(TimeProvider.System);
        var log = tail.CreateLogger("a.test");
        log.Write(LogLevel.Debug, "d");
        log.Write(LogLevel.Warning, "w");
        log.Write(LogLevel.Error, "e", new InvalidOperationException("because"));
        log.Write(LogLevel.Critical, "c");
        Assert.Equal((2, 1), (tail.Errors, tail.Warnings));
        Assert.Equal(["e", "c"], tail.Read(10, LogLevel.Error).Select(entry => entry.Message));
        Assert.Contains("because", tail.Read(10, LogLevel.Error)[0].Exception);
        Assert.Empty(tail.Read(10, LogLevel.None));
    }

    [Fact]
    public void A_long_text_is_cut()
    {
        using var tail = new LogTail(TimeProvider.System);
        tail.CreateLogger("a.test").Write(LogLevel.Error, string.Concat(new string('y', LogTail.MaxText - 1), "😀", "z"), new InvalidOperationException(new string('x', 10_000)));
        var entry = Assert.Single(tail.Read(1, LogLevel.Trace));
        Assert.Equal(LogTail.MaxText, entry.Message.Length); // not in the middle of a character
        Assert.Equal(LogTail.MaxText + 1, entry.Exception!.Length);
    }

    [Fact]
    public async Task A_slow_reader_misses_the_oldest_and_sees_it_by_the_numbers()
    {
        using var tail = new LogTail(TimeProvider.System);
        var log = tail.CreateLogger("a.test");
        await using var reader = tail.FollowAsync(LogLevel.Trace, TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var first = reader.MoveNextAsync().AsTask();
        log.Write(LogLevel.Information, "one");
        Assert.True(await first);
        Assert.Equal(1, reader.Current.Id);
        for (var i = 0; i < LogTail.MaxWaiting + 10; i++)
        {
            log.Write(LogLevel.Information, "more");
        }

        Assert.True(await reader.MoveNextAsync());
        Assert.Equal(12, reader.Current.Id);
        tail.Dispose();
        var rest = 0;
        while (await reader.MoveNextAsync())
        {
            rest++;
        }

        Assert.Equal(LogTail.MaxWaiting - 1, rest);
    }
}
