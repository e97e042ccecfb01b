using Meerkat.Hostile;

// dotnet run --project fuzz/Meerkat.Hostile -c Release -- [--memory N] [--tcp N] [--seconds N] [--seed N]
var options = new Dictionary<string, int> { ["--memory"] = 20_000, ["--tcp"] = 500, ["--seconds"] = 3600, ["--seed"] = Environment.TickCount & 0xFFFFFF };
for (var i = 0; i < args.Length; i += 2)
{
    if (i + 1 == args.Length || !options.ContainsKey(args[i]) || !int.TryParse(args[i + 1], out var value))
    {
        Console.Error.WriteLine($"options, each with a number: {string.Join(", ", options.Keys)}");
        return 2;
    }

    options[args[i]] = value;
}

var (seed, seconds) = (options["--seed"], TimeSpan.FromSeconds(options["--seconds"]));
Console.WriteLine($"seed {seed}");
var violations = 0;
if (options["--memory"] > 0)
{
    var report = await MemoryAttack.RunAsync(seed, options["--memory"], seconds);
    Console.WriteLine($"in memory: {report}");
    violations += report.Violations.Count;
}

if (options["--tcp"] > 0)
{
    await using var server = await ServerProcess.StartAsync();
    var report = await SocketAttack.RunAsync(server, seed, options["--tcp"], seconds);
    Console.WriteLine($"TCP and TLS: {report}");
    violations += report.Violations.Count;
}

return violations == 0 ? 0 : 1;
