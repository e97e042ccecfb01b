using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Meerkat.Load.Client;
using Meerkat.Load.Reporting;

namespace Meerkat.Load.Scenarios;

/// <summary>One GraphQL query over and over, on connections that are kept: the server's processor time for each answer. An answer with errors fails the run.</summary>
internal sealed class QueryScenario(Target target, string path, string credentials, string query, int connections, TimeSpan warmUp, TimeSpan measured)
{
    public static QueryScenario From(Target target, LoadArguments args) => new(
        target,
        args.Text("path", "/api/graphql"),
        args.Text("credentials", ""),
        args.Text("query", $"{{ account {{ checkUser(user: \"{target.Localpart(1)}@{target.Domain}\") {{ exist message }} }} }}"),
        args.Number("connections", 16),
        args.Time("warm-up", 2),
        args.Time("seconds", 4));

    public async Task<Measurement> RunAsync(CancellationToken ct)
    {
        using var http = Web.ClientOf(target, credentials);
        var body = JsonSerializer.SerializeToUtf8Bytes(new { query });
        await AskAsync(http, body, ct);
        await RepeatAsync(http, body, warmUp, ct);
        var meter = new Meter(target);
        var answers = await RepeatAsync(http, body, measured, ct);
        return meter.CpuPer("graphql-query", "us/query", answers, "");
    }

    private async Task<long> RepeatAsync(HttpClient http, byte[] body, TimeSpan duration, CancellationToken ct)
    {
        var began = System.Diagnostics.Stopwatch.StartNew();
        var counts = await Crowd.EachAsync(
            connections,
            connections,
            async (_, stop) =>
            {
                long count = 0;
                for (; began.Elapsed < duration; count++)
                {
                    await AskAsync(http, body, stop);
                }

                return count;
            },
            ct);
        return counts.Sum();
    }

    private async Task AskAsync(HttpClient http, byte[] body, CancellationToken ct)
    {
        using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var answer = await http.PostAsync(path, content, ct);
        var said = await answer.Content.ReadAsByteArrayAsync(ct);
        if (!answer.IsSuccessStatusCode || said.AsSpan().IndexOf("\"errors\""u8) >= 0)
        {
            throw new XmppException($"{(int)answer.StatusCode}: {Encoding.UTF8.GetString(said)}");
        }
    }
}
