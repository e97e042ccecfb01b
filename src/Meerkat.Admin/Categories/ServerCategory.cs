using Meerkat.Admin.GraphQL;
using Meerkat.Core;
using Meerkat.Core.Hosts;

namespace Meerkat.Admin.Categories;

/// <summary><c>server</c>, as far as a single server goes (GQA-SERVER-01 to 05, 09, 10, 12).</summary>
internal sealed class ServerCategory(ServerContext server, IServerControl control) : ICategory
{
    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        const string Query = "ServerAdminQuery";
        admin.Add(Query, "status", call => new { StatusCode = "RUNNING", Message = $"{Product.Name} {Product.Version} runs on {control.NodeName}", Product.Version, control.CommitHash });
        admin.Add(Query, "getLoglevel", call => control.LogLevel.ToString().ToUpperInvariant());
        admin.Add(Query, "getCookie", call => null);
        admin.Add(Query, "hostTypes", call => server.Domains.HostTypes.OrderBy(host => host.Name, StringComparer.Ordinal).Select(Shown));
        admin.Add(Query, "globalInfo", call => new { Services = control.Services.Select(name => new { Name = name }), control.InternalDatabases });

        const string Mutation = "ServerAdminMutation";
        admin.Add(Mutation, "setLoglevel", call =>
        {
            control.LogLevel = Enum.Parse<LogThreshold>(call.Text("level"), ignoreCase: true);
            return $"The log level is {call.Text("level")}";
        });
        admin.Add(Mutation, "restart", call =>
        {
            control.StopSoon(restart: true);
            return "The server restarts";
        });
        admin.Add(Mutation, "stop", call =>
        {
            control.StopSoon(restart: false);
            return "The server stops";
        });
    }

    private object Shown(HostType host) => new
    {
        host.Name,
        Modules = control.ModulesOf(host).Select(module => new { Name = module.Module, Options = module.Options.Select(option => new { option.Key, option.Value }) }),
        AuthMethods = control.AuthMethodsOf(host),
    };
}
