using GraphQL.Execution;
using Meerkat.Core.Hosts;
using Meerkat.Modules.Mam;

namespace Meerkat.Admin.GraphQL;

/// <summary>Checks that what an operation needs is there (<c>@use</c>, GQL-USE-01 to GQL-USE-05).</summary>
/// <param name="server">The server.</param>
internal sealed class Requirements(ServerContext server)
{
    /// <summary>Checks the rules of a field.</summary>
    /// <exception cref="OperationException"><c>deps_not_loaded</c>, with the modules or services that are missing.</exception>
    public void Check(FieldRules rules, IDictionary<string, ArgumentValue>? arguments, ApiCaller caller)
    {
        if (rules.Services.Where(service => !IsThere(service)).Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } absent)
        {
            throw OperationException.NotOffered(absent);
        }

        if (rules.Modules is not { Count: > 0 } modules)
        {
            return;
        }

        var named = rules.UseArgs.Count == 0 ? [caller.Domain] : rules.UseArgs.SelectMany(path => ArgumentPath.Domains(arguments, path));
        var missing = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var name in named.Distinct())
        {
            // GQL-USE-03: of a domain that is not served here the operation itself says so.
            if (name is not null && FindHost(name) is { } host)
            {
                missing.UnionWith(modules.Where(module => !Has(host, module)));
            }
        }

        if (missing.Count > 0)
        {
            throw OperationException.NotLoaded([.. missing]);
        }
    }

    // The reference's two halves of mod_mam are one module here.
    private static bool Has(HostType host, string module) => module switch
    {
        "mod_mam_pm" => host.Operations<MamOperations>() is not null,
        "mod_mam_muc" => host.Operations<RoomMamOperations>() is not null,
        _ => host.Modules.ContainsKey(module),
    };

    private HostType? FindHost(string name) =>
        server.Domains.TryFind(name, out var domain) ? domain.Host : server.Domains.FindHostType(name);

    private bool IsThere(string service) => service switch
    {
        "service_domain_db" => server.DomainOperations is not null,
        "service_traffic" => server.Traffic is not null,
        _ => throw new InvalidOperationException($"The schema names a service that nobody knows: {service}"),
    };
}
