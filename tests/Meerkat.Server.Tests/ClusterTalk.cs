using System.Globalization;
using Meerkat.Testing.Databases;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Server.Tests;

/// <summary>Clients that talk across the nodes of a cluster while something happens to it, everything archived before it is acknowledged. <c>MEERKAT_CLUSTER_SESSIONS</c> and <c>MEERKAT_CLUSTER_SECONDS</c> make more of it.</summary>
internal static class ClusterTalk
{
    private const string Archive = "\n[modules.mod_mam]\n  max_result_limit = 1000\n  [modules.mod_mam.pm]\n";

    /// <summary>With an archive, and without much of a log.</summary>
    public static string Configure(string toml) => toml.Replace("loglevel = \"info\"", "loglevel = \"warning\"", StringComparison.Ordinal) + Archive;

    /// <summary>With everything that is kept in PostgreSQL, the table of nodes too.</summary>
    public static string OnDatabase(string toml, string host, int port)
    {
        foreach (var module in (string[])["mod_privacy", "mod_blocking", "mod_roster", "mod_offline", "mod_mam", "mod_muc"])
        {
            toml = toml.Replace($"[modules.{module}]\n", $"[modules.{module}]\n  backend = \"rdbms\"\n", StringComparison.Ordinal);
        }

        return toml.Replace("[auth.internal]", "[auth.rdbms]", StringComparison.Ordinal) + $"""

            [outgoing_pools.rdbms.default.connection]
              driver = "pgsql"
              host = "{host}"
              port = {port}
              database = "postgres"
              username = "meerkat"
              password = "{PostgresProcess.Password}"
              max_start_interval = 1
            """;
    }

    /// <summary>A number from the environment.</summary>
    public static int Setting(string name, int otherwise) => int.Parse(Environment.GetEnvironmentVariable(name) ?? otherwise.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>Lets clients of all nodes write to each other until what disturbs them is over and all that they wrote is acknowledged. A pair is on two nodes.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="disturb">Told what a third of the time is, a third in; as long again is waited behind it.</param>
    public static async Task<IReadOnlyList<ClusterTalker>> RunAsync(ThreeNodes nodes, Func<TimeSpan, Task> disturb)
    {
        var (sessions, seconds) = (Setting("MEERKAT_CLUSTER_SESSIONS", 24), Setting("MEERKAT_CLUSTER_SECONDS", 9));
        var pace = TimeSpan.FromMilliseconds(Math.Max(100, sessions / 3));
        var talkers = Enumerable.Range(0, sessions).Select(i => new ClusterTalker(nodes, $"talker{i}", $"talker{i ^ 1}", ((i / 2) + (i % 2)) % nodes.Count, pace)).ToArray();
        for (var i = 0; i < sessions; i++)
        {
            talkers[i].Other = talkers[i ^ 1];
        }

        await Parallel.ForEachAsync(talkers, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (talker, _) => await nodes.RegisterAsync(0, talker.Account));
        using var enough = new CancellationTokenSource();
        using var over = new CancellationTokenSource();
        var talking = talkers.Select(talker => Task.Run(() => talker.TalkAsync(enough.Token, over.Token))).ToArray();
        var third = TimeSpan.FromSeconds(seconds / 3.0);
        await Task.Delay(third);
        await disturb(third);
        await Task.Delay(third);
        await enough.CancelAsync();
        try
        {
            await Task.WhenAll(talkers.Select(talker => talker.Settled)).WaitAsync(TimeSpan.FromSeconds(120));
        }
        catch (TimeoutException)
        {
            Assert.Fail($"not acknowledged: {string.Join("; ", talkers.Where(talker => !talker.Settled.IsCompleted).Select(talker => $"{talker.Account} ({talker.Lives} lives): {talker.Failure?.Message}"))}");
        }

        await over.CancelAsync();
        await Task.WhenAll(talking);
        TestContext.Current.SendDiagnosticMessage(string.Create(
            CultureInfo.InvariantCulture, $"{sessions} sessions, {talkers.Sum(talker => talker.Acknowledged.Count())} messages acknowledged, {talkers.Count(talker => talker.Lives > 1)} sessions began anew"));
        return talkers;
    }

    /// <summary>What was acknowledged and is not in the archive of the one whom it was for.</summary>
    public static async Task<List<string>> LostAsync(ThreeNodes nodes, IReadOnlyList<ClusterTalker> talkers)
    {
        var lost = new List<string>();
        foreach (var talker in talkers)
        {
            var archived = new HashSet<string>();
            await using var client = await nodes.ConnectAsync(0, talker.Peer, "reader");
            for (string? last = "", isComplete = null; isComplete != "true";)
            {
                var after = last is "" ? "" : $"<after>{last}</after>";
                var query = "<query xmlns='urn:xmpp:mam:2'><x xmlns='jabber:x:data' type='submit'><field var='simple'><value>true</value></field></x>";
                await client.SendAsync($"<iq type='set' id='page'>{query}<set xmlns='http://jabber.org/protocol/rsm'><max>1000</max>{after}</set></query></iq>");
                var fin = await client.ReceiveAsync(element =>
                {
                    if (element.Child("result", Ns.Mam) is { } result)
                    {
                        last = result.Attribute("id");
                        archived.Add(result.FirstChild!.Value.Child("message", Ns.Client)!.Value.Attribute("id")!);
                    }

                    return element.Attribute("id") == "page";
                });
                isComplete = fin.Child("fin", Ns.Mam)!.Value.Attribute("complete");
            }

            lost.AddRange(talker.Acknowledged.Where(id => !archived.Contains(id)).Select(id => $"{id} is not in the archive of {talker.Peer}"));
        }

        return lost;
    }

    /// <summary>Beyond XEP-0198's window: what was sent once and came twice in one session.</summary>
    public static IEnumerable<string> Twice(IReadOnlyList<ClusterTalker> talkers)
    {
        var again = talkers.SelectMany(talker => talker.SentAgain).ToHashSet();
        return talkers.SelectMany(talker => talker.Doubled).Where(id => !again.Contains(id));
    }
}
