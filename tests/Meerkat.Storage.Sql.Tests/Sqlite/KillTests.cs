using System.Diagnostics;
using Meerkat.Storage.Sql.Sqlite;
using Xunit;

namespace Meerkat.Storage.Sql.Tests.Sqlite;

/// <summary>What was acknowledged survives <c>kill -9</c>: a child (this same program) writes under load and prints each id once its write was acknowledged.</summary>
public sealed class KillTests
{
    private const string PathVariable = "MEERKAT_TEST_KILL_PATH";
    private const string DropVariable = "MEERKAT_TEST_KILL_DROP";

    [Fact]
    public async Task No_acknowledged_write_is_lost_by_kill_9()
    {
        await using var test = await TestDatabase.CreateAsync();
        await Note.CreateTableAsync(test.Database);
        var seed = Environment.TickCount;
        var random = new Random(seed);
        for (var round = 0; round < 4; round++)
        {
            var acknowledged = await RunAndKillAsync(test.Path, atLeast: random.Next(50, 2000), drop: false);
            await test.ReopenAsync();
            var lost = acknowledged.Except(await Note.IdsAsync(test.Database)).ToArray();
            Assert.True(lost is [], $"seed {seed}, round {round}: {lost.Length} of {acknowledged.Count} acknowledged writes are lost");
        }
    }

    [Fact]
    public async Task The_test_finds_a_writer_that_acknowledges_what_it_drops()
    {
        await using var test = await TestDatabase.CreateAsync();
        await Note.CreateTableAsync(test.Database);
        var acknowledged = await RunAndKillAsync(test.Path, atLeast: 500, drop: true);
        Assert.NotEmpty(acknowledged.Except(await Note.IdsAsync(test.Database)));
    }

    private static async Task<List<long>> RunAndKillAsync(string path, int atLeast, bool drop)
    {
        var start = new ProcessStartInfo(Path.ChangeExtension(typeof(KillTests).Assembly.Location, null)) { RedirectStandardOutput = true, UseShellExecute = false };
        string[] arguments = ["-explicit", "only", "-method", $"{typeof(KillTests).FullName}.{nameof(Be_the_child)}", "-noColor"];
        Array.ForEach(arguments, start.ArgumentList.Add);
        start.Environment[PathVariable] = path;
        start.Environment[DropVariable] = drop ? "1" : "";
        using var child = Process.Start(start)!;
        var acknowledged = new List<long>();
        while (await child.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith('#') && line.EndsWith('.')) // the runner talks too, and the last line may be cut off
            {
                acknowledged.Add(long.Parse(line.AsSpan()[1..^1]));
            }

            if (acknowledged.Count == atLeast)
            {
                child.Kill(); // SIGKILL; what stands in the pipe is still read
            }
        }

        await child.WaitForExitAsync();
        Assert.Equal(128 + 9, child.ExitCode);
        return acknowledged;
    }

    [Fact(Explicit = true)]
    public async Task Be_the_child() =>
        await WriteForever(Environment.GetEnvironmentVariable(PathVariable)!, drop: Environment.GetEnvironmentVariable(DropVariable) == "1");

    private static async Task WriteForever(string path, bool drop)
    {
        await using var database = new SqliteDatabase(new SqliteOptions { Path = path });
        var last = (await Note.IdsAsync(database)).LastOrDefault();
        var output = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true });
        await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                var id = Interlocked.Increment(ref last);
                if (!drop || id % 100 != 0)
                {
                    await Note.AddAsync(database, id);
                }

                output.WriteLine($"#{id}.");
            }
        })));
    }
}
