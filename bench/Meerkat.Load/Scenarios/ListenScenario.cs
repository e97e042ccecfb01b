using Meerkat.Load.Client;
using Meerkat.Load.Reporting;

namespace Meerkat.Load.Scenarios;

/// <summary>Listeners of GraphQL's <c>subscribeForMessages</c>, one for each of many accounts, which stay until the process is ended or <c>--limit</c> is over. Tells how many they are when all are there.</summary>
internal sealed class ListenScenario(Target target, string path, string credentials, int first, int listeners)
{
    public static ListenScenario From(Target target, LoadArguments args) => new(
        target, args.Text("path", "/api/graphql"), args.Text("credentials", ""), args.Number("first", 100), args.Number("listeners", 1000));

    public async Task<Measurement> RunAsync(CancellationToken ct)
    {
        using var http = Web.ClientOf(target, credentials);
        var streams = await Crowd.EachAsync(listeners, 16, (i, stop) => ListenAsync(http, first + i, stop), ct);
        Console.WriteLine($"{listeners} listen");
        await Task.Delay(Timeout.Infinite, ct);
        GC.KeepAlive(streams);
        return new Measurement("listen", target.Server, target.Round, listeners, "listeners", listeners, 0, 0, "");
    }

    private async Task<HttpResponseMessage> ListenAsync(HttpClient http, int user, CancellationToken ct)
    {
        var query = Uri.EscapeDataString($"subscription {{ stanza {{ subscribeForMessages(caller: \"{target.Localpart(user)}@{target.Domain}\") {{ sender }} }} }}");
        var answer = await http.GetAsync($"{path}/sse?query={query}", HttpCompletionOption.ResponseHeadersRead, ct);
        return answer.IsSuccessStatusCode ? answer : throw new XmppException($"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(ct)}");
    }
}
