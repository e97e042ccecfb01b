using System.Text.Json;
using Meerkat.Core.Hosts;
using Meerkat.Core.Http;
using Meerkat.Core.Modules;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.HostMeta;

/// <summary>Tells web clients where they can open streams: <c>/.well-known/host-meta</c> as XML and as JSON (RFC 6415).</summary>
/// <remarks>XEP-0156 v1.4. Only encrypted addresses are told (§3.1); a server that has none tells nothing.</remarks>
[Module("mod_host_meta", Options = typeof(HostMetaOptions))]
[Xep(156, "1.4.0"), Rfc(6415)]
public sealed class HostMetaModule(HostMetaOptions options, HostType host) : IModule
{
    private const string Path = "/.well-known/host-meta";

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        on.Http(new HttpEndpoint(Path, (exchange, ct) => ServeAsync(exchange, "application/xrd+xml; charset=utf-8", Xrd, ct)));
        on.Http(new HttpEndpoint($"{Path}.json", (exchange, ct) => ServeAsync(exchange, "application/json", Jrd, ct)));
    }

    private async ValueTask ServeAsync(HttpExchange exchange, string contentType, Func<IReadOnlyList<(string Relation, string Address)>, byte[]> write, CancellationToken ct)
    {
        exchange.SetHeader("Access-Control-Allow-Origin", "*"); // XEP-0156 §3.3: pages of other hosts ask too
        switch (exchange.Method)
        {
            case "GET" or "HEAD" when exchange.Path.Length == 0:
                await exchange.AnswerAsync(200, contentType, write(Links(exchange.Host)), ct);
                break;
            case "OPTIONS":
                exchange.SetHeader("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
                await exchange.AnswerAsync(204);
                break;
            case "GET" or "HEAD":
                await exchange.AnswerAsync(404);
                break;
            default:
                exchange.SetHeader("Allow", "GET, HEAD, OPTIONS");
                await exchange.AnswerAsync(405);
                break;
        }
    }

    private List<(string, string)> Links(string asked)
    {
        var domain = host.Server.Domains.TryFindAccounts(asked, out var named) ? named.Jid.Domain : host.Server.General.DefaultServerDomain;
        return
        [
            .. Of(Ns.AltConnectionBosh, options.BoshServiceUrl, domain, HttpConnectionMethod.Bosh),
            .. Of(Ns.AltConnectionWebSocket, options.WebsocketUrl, domain, HttpConnectionMethod.WebSocket),
        ];
    }

    private IEnumerable<(string, string)> Of(string relation, string? configured, string domain, HttpConnectionMethod method) => configured is not null
        ? [(relation, configured)]
        : host.Server.Http.Connections(domain, method).Where(address => address.Scheme is "https" or "wss").Select(address => (relation, address.AbsoluteUri));

    private static byte[] Xrd(IReadOnlyList<(string Relation, string Address)> links)
    {
        var document = new XmlBuilder("XRD", Ns.Xrd);
        foreach (var (relation, address) in links)
        {
            document.Start("Link").Attribute("rel", relation).Attribute("href", address).End();
        }

        return [.. "<?xml version='1.0' encoding='UTF-8'?>\n"u8, .. document.Build().ToUtf8()];
    }

    private static byte[] Jrd(IReadOnlyList<(string Relation, string Address)> links) =>
        JsonSerializer.SerializeToUtf8Bytes(new { links = links.Select(link => new { rel = link.Relation, href = link.Address }) });
}
