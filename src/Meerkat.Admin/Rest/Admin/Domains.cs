using Meerkat.Connections.Http;
using Meerkat.Core.Domains;
using Meerkat.Core.Hosts;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Rest.Admin;

/// <summary>Domains that are added while the server runs (RST-ADMIN-27 to 30).</summary>
internal sealed class Domains(ServerContext server)
{
    // RST-ADMIN, notes: without the service every one is forbidden.
    private DomainOperations Operations => server.DomainOperations ?? throw new RestException(403, "Domains cannot be changed while the server runs: service_domain_db is not configured");

    /// <summary>The operations.</summary>
    public static IEnumerable<RestOperation> Of(ServerContext server)
    {
        const AdminApiPart Part = AdminApiPart.Domain;
        const string Path = "/domains/{domain}";
        var domains = new Domains(server);
        return
        [
            new(Part, "PUT", Path, async call => Answer(await domains.Operations.AddAsync(Name(call), call.Text("host_type"), call.Ct)))
            {
                Summary = "Adds a domain.",
                Body = [new("host_type", "string", "Its host type.")],
                Success = 204,
                Refusals = [400, 403, 409],
            },
            new(Part, "PATCH", Path, async call => Answer(await domains.SetAsync(Name(call), Flag(call, "enabled") ?? throw RestCall.Bad("the body has no enabled"), call.Ct)))
            {
                Summary = "Serves a domain, or serves it no more.",
                Body = [new("enabled", "boolean", "Whether it is served.")],
                Success = 204,
                Refusals = [400, 403, 404],
            },
            new(Part, "GET", Path, async call => RestAnswer.Json(await domains.ShowAsync(Name(call), call.Ct)))
            {
                Summary = "Shows a domain.",
                Refusals = [400, 403, 404],
            },
            new(Part, "DELETE", Path, async call =>
            {
                var (name, hostType) = (Name(call), call.Text("host_type"));
                if (Flag(call, "request") is true)
                {
                    Answer(await domains.Operations.RequestRemovalAsync(name, hostType, call.Ct));
                    return RestAnswer.Accepted;
                }

                return Answer(await domains.Operations.RemoveAsync(name, hostType, call.Ct));
            })
            {
                Summary = "Removes a domain with all of its data.",
                Body = [new("host_type", "string", "Its host type."), new("request", "boolean", "Whether the data go in the background; the answer is 202 then.", IsRequired: false)],
                Success = 204,
                Later = 202,
                Refusals = [400, 403, 404],
            },
        ];
    }

    private Task<DomainResult> SetAsync(string domain, bool isEnabled, CancellationToken ct) => isEnabled ? Operations.EnableAsync(domain, ct) : Operations.DisableAsync(domain, ct);

    private async Task<object> ShowAsync(string domain, CancellationToken ct)
    {
        var operations = Operations;
        return server.General.Hosts.Contains(domain) ? throw Refuse(DomainResult.Static)
            : await operations.FindAsync(domain, ct) is { } record ? new { host_type = record.HostType, status = record.Status.ToString().ToLowerInvariant() }
            : throw Refuse(DomainResult.NotFound);
    }

    private static string Name(RestCall call) => BareJid.TryCreate(null, call.Segment("domain"), out var name) ? name.Domain : throw Refuse(DomainResult.InvalidName);

    private static bool? Flag(RestCall call, string name) => call.Find(name) switch
    {
        null => null,
        { ValueKind: System.Text.Json.JsonValueKind.True } => true,
        { ValueKind: System.Text.Json.JsonValueKind.False } => false,
        _ => throw RestCall.Bad($"{name} is neither true nor false"),
    };

    private static RestAnswer Answer(DomainResult result) => result is DomainResult.Ok ? RestAnswer.Done : throw Refuse(result);

    private static RestException Refuse(DomainResult result) => result switch
    {
        DomainResult.InvalidName => new(400, "That is no name of a domain"),
        DomainResult.Static => new(403, "The domain is one of the configuration"),
        DomainResult.UnknownHostType => new(403, "The host type is not in general.host_types"),
        DomainResult.WrongHostType => new(403, "The domain has another host type"),
        DomainResult.Deleting => new(403, "The domain is being deleted"),
        DomainResult.Duplicate => new(409, "The domain is there already"),
        _ => new(404, "There is no such domain"),
    };
}
