using System.Globalization;
using System.Text;

namespace Meerkat.Load.Reporting;

/// <summary>Medians per scenario and server, ratios to the relay and to the better peer, and the targets of the project.</summary>
internal sealed class Report
{
    private const string Ours = "meerkat";
    private const string Relay = "relay";

    private static readonly string[] Peers = ["ejabberd", "prosody"];
    private static readonly string[] Order = [Relay, Ours, .. Peers];

    /// <summary>What must hold for ours, by scenario: an absolute bound, a multiple of the relay or a fraction of the better peer.</summary>
    private static readonly (string Scenario, string What, Func<Figures, double?> Bound)[] Targets =
    [
        ("chat-1", "≤ 1.4 × relay", of => of[Relay] * 1.4),
        ("chat-20", "≤ 3 × relay", of => of[Relay] * 3),
        ("chat-20", "≤ 1/20 of the better peer", of => of.BetterPeer / 20),
        ("archived-20", "≤ 1/5 of the better peer", of => of.BetterPeer / 5),
        ("archived-20", "≤ 3 × not archived", of => of.Of("unarchived-20")[Ours] * 3),
        ("archived-1", "≤ 1/5 of the better peer", of => of.BetterPeer / 5),
        ("archived-1", "≤ 3 × not archived", of => of.Of("unarchived-1")[Ours] * 3),
        ("archived-paced", "≤ 3 × not archived", of => of.Of("unarchived-paced")[Ours] * 3),
        ("cluster-same-20", "≤ 1.2 × a server alone", of => of.Of("cluster-alone-20")[Ours] * 1.2),
        ("cluster-across-20", "≤ 3 × the same node", of => of.Of("cluster-same-20")[Ours] * 3),
        ("groupchat-100-1", "≤ 8 µs a copy", _ => 8),
        ("groupchat-100-20", "≤ 8 µs a copy", _ => 8),
        ("groupchat-100-20", "≤ 1/6 of the better peer", of => of.BetterPeer / 6),
        ("groupchat-1000-1", "≤ 8 ms a message, 8 µs a copy", _ => 8),
        ("join-1000", "≤ 10 s", _ => 10),
        ("active-rooms-1", "≤ 8 KiB beside its occupants", _ => 8),
        ("muc-light-100-20", "≤ 8 µs a copy", _ => 8),
        ("bosh-1", "≤ 1/5 of the better peer", of => of.BetterPeer / 5),
        ("bosh-20", "≤ 1/5 of the better peer", of => of.BetterPeer / 5),
        ("idle", "≤ 14 KiB", _ => 14),
        ("idle-contacts", "≤ 24 KiB", _ => 24),
        ("idle-tls", "≤ 60 KiB", _ => 60),
        ("log-in-tls", "≤ 1/2 of the better peer", of => of.BetterPeer / 2),
        ("presence", "≤ 1/5 of the better peer", of => of.BetterPeer / 5),
        ("start", "≤ 2 000 ms", _ => 2000),
        ("rest", "≤ 120 MiB", _ => 120),
    ];

    private static readonly (string Scenario, string Title)[] Titles =
    [
        ("chat-1", "chat, 1 in flight per pair"),
        ("chat-20", "chat, 20 in flight per pair"),
        ("archived-1", "chat, archived in PostgreSQL, 1 in flight per pair"),
        ("archived-20", "chat, archived in PostgreSQL, 20 in flight per pair"),
        ("unarchived-1", "the same without archive, 1 in flight per pair"),
        ("unarchived-20", "the same without archive, 20 in flight per pair"),
        ("archived-paced", "3 000 messages a second, archived in PostgreSQL"),
        ("archived-paced-ids", "the same with origin ids"),
        ("unarchived-paced", "3 000 messages a second without archive"),
        ("cluster-alone-20", "chat on a server alone, 20 in flight per pair"),
        ("cluster-same-20", "chat on one node of a cluster of two, 20 in flight per pair"),
        ("cluster-across-20", "chat between two nodes, 20 in flight per pair (both nodes)"),
        ("cluster-across-1", "chat between two nodes, 1 in flight per pair (both nodes)"),
        ("muc-light-100-1", "MUC Light, 100 members, 1 in flight"),
        ("muc-light-100-20", "MUC Light, 100 members, 20 in flight"),
        ("groupchat-100-1", "100 occupants, 1 in flight"),
        ("groupchat-100-20", "100 occupants, 20 in flight"),
        ("groupchat-1000-1", "1 000 occupants, 1 in flight"),
        ("groupchat-1000-20", "1 000 occupants, 20 in flight"),
        ("join-1000", "1 000 occupants join"),
        ("active-rooms-1", "a room with one occupant, of 10 000"),
        ("active-rooms-3", "a room with three occupants, of 10 000"),
        ("rest-rooms-1", "resident memory with one persistent room"),
        ("rest-rooms-100000", "resident memory with 100 000 persistent rooms, nobody in them"),
        ("rest-rooms-used", "the same after one of them was entered and left"),
        ("bosh-1", "chat over BOSH, 1 in flight per pair"),
        ("bosh-20", "chat over BOSH, 20 in flight per pair"),
        ("idle", "idle session, plain, empty roster"),
        ("idle-contacts", "idle session, plain, 200 contacts"),
        ("idle-tls", "idle session, TLS 1.3, empty roster"),
        ("log-in-tls", "log-in, TLS 1.3, SCRAM-SHA-1"),
        ("log-in-tls-plain", "log-in, TLS 1.3, PLAIN"),
        ("presence", "log-in with mutual contacts, plain TCP"),
        ("register", "in-band registration"),
        ("start", "start to first accepted connection"),
        ("rest", "resident memory at rest"),
    ];

    private readonly List<Measurement> _all;

    public Report(string file) => _all = [.. Measurement.Read(file)];

    public string ToMarkdown(string facts)
    {
        var text = new StringBuilder();
        text.AppendLine("# Results").AppendLine();
        text.AppendLine("Written by `bench/compare`; the [README](README.md) says what is measured and how. Medians of the rounds, lowest and highest in brackets.").AppendLine();
        text.AppendLine(facts.Trim()).AppendLine();
        Table(text);
        TargetTable(text);
        Archives(text);
        Failures(text);
        return text.ToString();
    }

    private void Table(StringBuilder text)
    {
        var servers = Order.Where(server => _all.Any(m => m.Server == server)).Concat(_all.Select(m => m.Server).Distinct().Except(Order)).ToArray();
        text.AppendLine($"| scenario | unit | {string.Join(" | ", servers)} | rounds | taken over |");
        text.AppendLine($"|---|---|{string.Concat(servers.Select(_ => "---:|"))}---:|---|");
        foreach (var scenario in _all.Select(m => m.Scenario).Distinct().OrderBy(Rank).ThenBy(s => s, StringComparer.Ordinal))
        {
            var figures = new Figures(_all, scenario);
            var of = _all.Where(m => m.Scenario == scenario).ToArray();
            var cells = servers.Select(figures.Cell);
            text.AppendLine($"| {Title(scenario)} (`{scenario}`) | {of[0].Unit} | {string.Join(" | ", cells)} | {of.Max(m => m.Round)} | {Range(of.Select(m => m.Count))} |");
        }

        text.AppendLine();
    }

    private void TargetTable(StringBuilder text)
    {
        if (_all.All(m => m.Server != Ours))
        {
            text.AppendLine("Meerkat was not part of this run: no target is judged.").AppendLine();
            return;
        }

        text.AppendLine("| target | bound | Meerkat | to the relay | better peer to Meerkat | met |").AppendLine("|---|---:|---:|---:|---:|---|");
        foreach (var (scenario, what, boundOf) in Targets)
        {
            var figures = new Figures(_all, scenario);
            var (ours, bound) = (figures[Ours], boundOf(figures));
            var verdict = ours is null || bound is null ? "not measured" : ours <= bound ? "yes" : "**no**";
            text.AppendLine($"| {Title(scenario)}: {what} | {Number(bound)} | {Number(ours)} | {Number(ours / figures[Relay])} | {Number(figures.BetterPeer / ours)} | {verdict} |");
        }

        text.AppendLine();
    }

    // Whether it was all there, and what the database had to do for it.
    private void Archives(StringBuilder text)
    {
        foreach (var kept in _all.Where(m => m.Scenario.StartsWith("archived-", StringComparison.Ordinal)))
        {
            text.AppendLine($"- {kept.Server}, {Title(kept.Scenario)}, round {kept.Round}: {kept.Note}");
        }

        text.AppendLine();
    }

    private void Failures(StringBuilder text)
    {
        foreach (var failed in _all.Where(m => m.Note.Contains("FAILED", StringComparison.Ordinal)))
        {
            text.AppendLine($"- {failed.Server}, {failed.Scenario}, round {failed.Round}: {failed.Note}");
        }
    }

    private static int Rank(string scenario)
    {
        var at = Array.FindIndex(Titles, title => title.Scenario == scenario);
        return at < 0 ? int.MaxValue : at;
    }

    private static string Title(string scenario) => Array.Find(Titles, title => title.Scenario == scenario).Title ?? scenario;

    private static string Range(IEnumerable<long> counts)
    {
        var sorted = counts.Order().ToArray();
        return sorted[0] == sorted[^1] ? $"{sorted[0]}" : $"{sorted[0]} to {sorted[^1]}";
    }

    private static string Number(double? value) => value switch
    {
        null => "-",
        >= 100 => value.Value.ToString("F0", CultureInfo.InvariantCulture),
        >= 10 => value.Value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("F2", CultureInfo.InvariantCulture),
    };

    /// <summary>One scenario's medians.</summary>
    private sealed class Figures(IEnumerable<Measurement> all, string scenario)
    {
        private readonly Dictionary<string, double[]> _sorted = all.Where(m => m.Scenario == scenario && double.IsFinite(m.Value))
            .GroupBy(m => m.Server).ToDictionary(group => group.Key, group => group.Select(m => m.Value).Order().ToArray());

        public double? this[string server] =>
            !_sorted.TryGetValue(server, out var values) ? null
            : values.Length % 2 == 1 ? values[values.Length / 2]
            : (values[(values.Length / 2) - 1] + values[values.Length / 2]) / 2;

        /// <summary>Another scenario of the same run.</summary>
        public Figures Of(string other) => new(all, other);

        public double? BetterPeer => Peers.Select(peer => this[peer]).Where(value => value is not null).Min();

        public string Cell(string server) =>
            this[server] is not { } median ? "-" : _sorted[server] is [_] ? Number(median) : $"{Number(median)} ({Number(_sorted[server][0])}-{Number(_sorted[server][^1])})";
    }
}
