using Meerkat.Admin.Categories;
using Meerkat.Admin.GraphQL;
using Meerkat.Admin.Metrics;
using Meerkat.Admin.Monitoring;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Microsoft.Extensions.Logging;

namespace Meerkat.Admin;

/// <summary>Administration of one server: the operations of all categories behind GraphQL, and from there behind the command line.</summary>
/// <remarks>The schema is made when it is first asked for: a server that nobody administers pays nothing. Safe for concurrent use.</remarks>
public sealed class AdminApi : IDisposable
{
    private readonly FiguresSampler _sampler;
    private readonly Lazy<(ApiExecutor Admin, ApiExecutor User)> _executors;

    /// <summary>Administration of a server.</summary>
    /// <param name="server">The server.</param>
    /// <param name="control">The program around it.</param>
    /// <param name="metrics">Where metrics are read; null where they are not served.</param>
    public AdminApi(ServerContext server, IServerControl control, IMetricsText? metrics = null)
    {
        Metrics = new MetricBoard(server, metrics);
        Server = server;
        Control = control;
        DomainAdmins = server.DomainAdmins;
        var sampler = _sampler = new FiguresSampler(server, control.Log);
        _executors = new(() =>
        {
            var log = server.Loggers.CreateLogger<AdminApi>();
            var admin = new OperationMap();
            var user = new OperationMap();
            foreach (var category in Categories(server, control, DomainAdmins, sampler, Metrics))
            {
                category.Register(admin, user);
            }

            var requirements = new Requirements(server);
            return (new ApiExecutor(ApiSchema.Create("admin", admin, requirements, log), server.Domains, log), new ApiExecutor(ApiSchema.Create("user", user, requirements, log), server.Domains, log));
        });
    }

    /// <summary>The server.</summary>
    public ServerContext Server { get; }

    /// <summary>The metrics under the reference's names.</summary>
    internal MetricBoard Metrics { get; }

    /// <summary>The program around it.</summary>
    public IServerControl Control { get; }

    /// <summary>The administrators of domains.</summary>
    public DomainAdmins DomainAdmins { get; }

    /// <summary>Executes a request against the administrator's schema.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="categories">The categories that are allowed; null for all.</param>
    /// <param name="introspection">Whether the schema may be asked for.</param>
    /// <param name="ct">Gives up.</param>
    public Task<ApiAnswer> ExecuteAsync(ApiRequest request, ApiCaller caller, IReadOnlyCollection<string>? categories, bool introspection, CancellationToken ct) =>
        _executors.Value.Admin.ExecuteAsync(request, caller, categories, introspection, ct);

    /// <summary>Executes a request against the users' schema.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="categories">The categories that are allowed; null for all.</param>
    /// <param name="introspection">Whether the schema may be asked for.</param>
    /// <param name="ct">Gives up.</param>
    public Task<ApiAnswer> ExecuteForUserAsync(ApiRequest request, ApiCaller caller, IReadOnlyCollection<string>? categories, bool introspection, CancellationToken ct) =>
        _executors.Value.User.ExecuteAsync(request, caller, categories, introspection, ct);

    /// <summary>Opens a subscription of a schema.</summary>
    /// <param name="forUser">Whether it is the users' schema.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="categories">The categories that are allowed; null for all.</param>
    /// <param name="introspection">Whether the schema may be asked for.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>A refusal; or, where that is null, the answers.</returns>
    internal Task<(ApiAnswer? Answer, ApiStream? Stream)> SubscribeAsync(
        bool forUser, ApiRequest request, ApiCaller caller, IReadOnlyCollection<string>? categories, bool introspection, CancellationToken ct) =>
        (forUser ? _executors.Value.User : _executors.Value.Admin).SubscribeAsync(request, caller, categories, introspection, ct);

    /// <inheritdoc/>
    public void Dispose() => _sampler.Dispose();

    private static IEnumerable<ICategory> Categories(ServerContext server, IServerControl control, DomainAdmins domainAdmins, FiguresSampler sampler, MetricBoard metrics) =>
    [
        new RootCategory(),
        new AccountCategory(server),
        new ClusterCategory(server),
        new DomainCategory(server),
        new DomainPasswordCategory(domainAdmins),
        new ExternalServicesCategory(server),
        new GdprCategory(server, control),
        new HttpUploadCategory(server),
        new InboxCategory(server),
        new LastCategory(server),
        new MetricCategory(metrics, control),
        new MonitorCategory(server, control, sampler),
        new MucCategory(server),
        new MucLightCategory(server),
        new OfflineCategory(server),
        new PrivateCategory(server),
        new RosterCategory(server),
        new ServerCategory(server, control),
        new SessionCategory(server, control),
        new StanzaCategory(server),
        new StatCategory(server),
        new VCardCategory(server),
    ];
}
