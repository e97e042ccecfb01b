using System.Net.Sockets;
using Meerkat.Load;
using Meerkat.Load.Client;
using Meerkat.Load.Population;
using Meerkat.Load.Reporting;
using Meerkat.Load.Scenarios;

const string Usage = """
    Meerkat.Load: puts load on an XMPP server over loopback and says what that cost the server, from the operating system's own books.

    usage: Meerkat.Load VERB [--key value ...]

    measure   chat      --name chat-1 --users 100 --in-flight 1 --warm-up 2 --seconds 4
              paced     --name paced --users 100 --rate 3000 --seconds 60      (a steady rate, whatever comes back; --origin-ids yes: each has one of its own)
                        chat and paced, where the server archives: --rows-command "psql ... count(*)" --rows-per-message 2
                        paced, where Meerkat tells its metrics: --watch-url http://127.0.0.1:5280/metrics --queue-limit 50000
              bosh      --users 100 --in-flight 1 --warm-up 2 --seconds 4      (--port is that of HTTP, the path /http-bind)
              groupchat --kind muc|muc-light --users 100 --in-flight 1 --warm-up 2 --seconds 4
              join      --users 1000 --at-once 8      (presence of all to all in a room)
              rooms     --rooms 10000 --occupants 1 --users 100 --settle 5      (somebody in each, who said something)
              idle      --name idle --sessions 5000 --settle 5 --at-once 16
              log-in    --name log-in --users 64 --warm-up 2 --seconds 4 --most 20000 --at-once 8
              presence  --users 5000 --contacts 100 --at-once 16 --warm-up-users 0
              register  --users 200 --at-once 8 --existing refuse|accept
              query     --connections 16 --query "{ ... }"     (GraphQL; --port is that of HTTP; --path /api/graphql --credentials admin:secret)
              rest      --name rest      (resident memory now)
    hold      listen    --listeners 1000 --first 100       (GraphQL's subscribeForMessages, until it is ended; arguments as for query)
    prepare   room         --name kept      (a persistent room, entered and left)
              fill-roster  --users 5000 --contacts 200        by roster sets
              befriend     --users 5000 --contacts 100        by subscriptions
              data         --format prosody --folder DIR | --format ejabberd --file FILE; --users --contacts --mutual --rounds 4096
    report    --in FILE --out FILE --facts FILE
    every one --server NAME --pid PID --port 5222 --address 127.0.0.1 --domain localhost --tls none|direct|starttls
              --mechanism SCRAM-SHA-1|PLAIN --prefix u --password secret --round 1 --results FILE --keys FILE --limit SECONDS
              --database-pid PID (its processor time stands in the note); --second-port 5232 --second-pid PID (the other node of a cluster)
    """;

try
{
    var arguments = new LoadArguments(args);
    if (arguments.Verb == "report")
    {
        var markdown = new Report(arguments.Required("in")).ToMarkdown(File.ReadAllText(arguments.Required("facts")));
        File.WriteAllText(arguments.Required("out"), markdown);
        Console.WriteLine(markdown);
        return 0;
    }

    return await RunAsync(arguments);
}
catch (Exception e) when (e is ArgumentException or FormatException)
{
    Console.Error.WriteLine($"{e.Message}\n\n{Usage}");
    return 2;
}
catch (Exception e) when (e is XmppException or IOException or SocketException or HttpRequestException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
{
    Console.Error.WriteLine($"{string.Join(' ', args)}\nfailed: {(e is OperationCanceledException ? "not finished within --limit" : e.Message)}");
    return 1;
}

static async Task<int> RunAsync(LoadArguments arguments)
{
    var target = Target.From(arguments);
    var results = arguments.Text("results", "") is { Length: > 0 } file ? file : null;
    var keys = arguments.Text("keys", "");
    // No load runs for ever, whatever the server does.
    using var limit = new CancellationTokenSource(arguments.Time("limit", 600));
    if (keys.Length > 0)
    {
        ScramKeys.Load(keys);
    }

    var ct = limit.Token;
    Func<Task<Measurement>>? run = arguments.Verb switch
    {
        "chat" => Of(ChatScenario.From(target, arguments).RunAsync),
        "paced" => Of(PacedScenario.From(target, arguments).RunAsync),
        "bosh" => Of(BoshScenario.From(target, arguments).RunAsync),
        "room" => Of(RoomScenario.From(target, arguments).RunAsync),
        "groupchat" => Of(GroupchatScenario.From(target, arguments).RunAsync),
        "join" => Of(JoinScenario.From(target, arguments).RunAsync),
        "rooms" => Of(ActiveRoomsScenario.From(target, arguments).RunAsync),
        "idle" => Of(IdleScenario.From(target, arguments).RunAsync),
        "log-in" => Of(LogInScenario.From(target, arguments).RunAsync),
        "presence" => Of(PresenceScenario.From(target, arguments).RunAsync),
        "query" => Of(QueryScenario.From(target, arguments).RunAsync),
        "listen" => Of(ListenScenario.From(target, arguments).RunAsync),
        "register" => Of(RegisterScenario.From(target, arguments).RunAsync),
        "fill-roster" => Of(RosterFiller.From(target, arguments).RunAsync),
        "befriend" => Of(Befriender.From(target, arguments).RunAsync),
        "rest" => Rest(target, arguments.Text("name", "rest")),
        "data" => null,
        var other => throw new ArgumentException($"unknown verb '{other}'"),
    };

    if (run is null)
    {
        WriteData(target, arguments);
        return 0;
    }

    arguments.RefuseUnread();
    var measurement = await run();
    if (keys.Length > 0)
    {
        ScramKeys.Save(keys);
    }

    measurement.Publish(results);
    return measurement.Note.Contains("FAILED", StringComparison.Ordinal) ? 1 : 0;

    Func<Task<Measurement>> Of(Func<CancellationToken, Task<Measurement>> scenario) => () => scenario(ct);
}

static Func<Task<Measurement>> Rest(Target target, string name) => () =>
{
    var (memory, cpu) = (ProcessTree.Memory(target.ServerProcess), ProcessTree.Cpu(target.ServerProcess));
    return Task.FromResult(new Measurement(name, target.Server, target.Round, memory.ResidentKiB / 1024.0, "MiB", 1, 0, cpu.TotalSeconds, $"pss {memory.ProportionalKiB / 1024} MiB"));
};

static void WriteData(Target target, LoadArguments arguments)
{
    var data = DataFiles.From(target, arguments);
    if (arguments.Required("format") == "prosody")
    {
        data.WriteProsody(arguments.Required("folder"));
    }
    else
    {
        data.WriteEjabberd(arguments.Required("file"));
    }

    arguments.RefuseUnread();
}
