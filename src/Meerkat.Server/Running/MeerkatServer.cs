using System.Net;
using System.Net.Sockets;
using Meerkat.Admin;
using Meerkat.Admin.Control;
using Meerkat.Connections.Bosh;
using Meerkat.Connections.Clients;
using Meerkat.Connections.Http;
using Meerkat.Connections.Tls;
using Meerkat.Connections.WebSockets;
using Meerkat.Core.Accounts;
using Meerkat.Core.Cluster;
using Meerkat.Core.Domains;
using Meerkat.Core.Hosts;
using Meerkat.Core.Placement;
using Meerkat.Core.Sessions;
using Meerkat.Core.Tracing;
using Meerkat.Server.Configuration;
using Meerkat.Server.Telemetry;
using Meerkat.Storage.Cassandra;
using Meerkat.Storage.Sql;
using Meerkat.Storage.Sql.DomainAdmins;
using Meerkat.Storage.Sql.Domains;
using Meerkat.Xmpp;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Meerkat.Server.Running;

/// <summary>A whole server, put together from its configuration (OPS-001): store, host types, listeners last.</summary>
/// <param name="configuration">The configuration.</param>
/// <param name="folder">The data folder.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">Loggers.</param>
/// <param name="control">What an administrator may do to the program; null for a server that nobody administers while it runs.</param>
public sealed class MeerkatServer(MeerkatConfiguration configuration, DataFolder folder, TimeProvider time, ILoggerFactory loggers, IServerControl? control = null) : IClusterHost, IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly ILogger _log = loggers.CreateLogger<MeerkatServer>();
    private readonly List<ClientListener> _clients = [];
    private readonly Dictionary<string, ServerCertificate> _certificates = [];
    private Databases? _databases;
    private HttpPools? _pools;
    private RedisSessions? _sessions;
    private CassandraClusters? _clusters;
    private HttpServer? _http;
    private WebSocketHandler? _webSockets;
    private ControlSocket? _socket;
    private IDisposable? _hold;
    private AdminApi? _api;
    private BoshHandler? _bosh;
    private DynamicDomains? _domains;
    private PrometheusEndpoint? _metrics;
    private ClusterMember? _cluster;
    private Task? _draining;

    /// <summary>The parts that all host types share; null before the start.</summary>
    public ServerContext? Context { get; private set; }

    /// <summary>Whether the start brings the schema of the databases up to date; otherwise it refuses one that is not.</summary>
    public bool Migrates { get; init; } = true;

    /// <summary>Whether it serves: started, and not stopping.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Raised once when the other nodes of the cluster have given this one up: its sessions end, and it wants to be started anew.</summary>
    public event Action? Lost;

    int IClusterHost.Sessions => Context?.Sessions.Local.Count() ?? 0;

    bool IClusterHost.IsDraining => _draining is not null;

    /// <summary>Finds out what it needs and has not: nothing when it is ready for clients. Names of pools, <c>cluster</c> where the other nodes do not count on it, and <c>listeners</c> before and while stopping.</summary>
    internal async Task<IReadOnlyList<string>> FindFailingAsync()
    {
        var failing = new List<string>();
        if (!IsReady)
        {
            failing.Add("listeners");
        }

        failing.AddRange((await (_databases?.FindGoneAsync() ?? Task.FromResult<IReadOnlyList<string>>([]))).Select(name => $"database {name}"));
        failing.AddRange(_cluster?.Failing ?? []);
        failing.AddRange((_clusters?.InUse ?? []).Where(cluster => !cluster.IsReachable).Select(cluster => $"cassandra {cluster.Name}"));
        if (_sessions is { IsReachable: false })
        {
            failing.Add("redis default");
        }

        return failing;
    }

    /// <summary>What it listens on, for people: one line an address.</summary>
    public IReadOnlyList<string> Listening { get; private set; } = [];

    /// <summary>Whether some listener uses a certificate that the server signed itself.</summary>
    public bool SignedItself { get; private set; }

    /// <summary>Starts. Nothing listens before everything else is ready (OPS-002), and nothing is touched before the data folder is this server's alone.</summary>
    /// <exception cref="StartException">Something does not fit, is taken or is missing: the message says what.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        _hold = configuration.Cluster is { IsOnOneMachine: true, Node: var node } ? folder.HoldFor(node) : folder.Hold();
        _metrics = configuration.Instrumentation.Prometheus is null ? null : new PrometheusEndpoint();
        _sessions = configuration.Cluster is not null ? null : RedisSessions.Create(configuration, folder, time, loggers);
        await OpenAsync(serves: true, ct);
        await (_cluster?.JoinAsync(Context!, Lose, ct) ?? Task.CompletedTask);
        await (_sessions?.StartAsync(ct) ?? Task.CompletedTask);
        _domains?.Start();
        Context!.DomainOperations?.Start();
        _api = control is null ? null : new AdminApi(Context!, control, _metrics);
        await ListenAsync(Context!, ct);
        if (control is not null)
        {
            await OpenSocketAsync(ct);
        }

        IsReady = true;
    }

    /// <summary>Makes everything ready but listeners: for commands that work on a store without serving anybody.</summary>
    /// <exception cref="StartException">Something does not fit or is missing: the message says what.</exception>
    public Task OpenAsync(CancellationToken ct) => OpenAsync(serves: false, ct);

    /// <inheritdoc/>
    public void Obey(NodeOrder order)
    {
        ServerLog.Told(_log, order);
        lock (_clients)
        {
            _draining ??= Task.Run(async () => await SendAwayAsync());
        }

        if (order is NodeOrder.Leave)
        {
            control?.StopSoon(restart: false);
        }
    }

    /// <summary>Stops: no new connections, <c>system-shutdown</c> to all, then the store (OPS-005).</summary>
    public async Task StopAsync()
    {
        await SuspendAsync();
        await StopDomainsAsync();

        _cluster?.Sessions.Close(); // a room that is asked for from here on is made on another node
        if (Context is not null)
        {
            await Context.AnnounceStopAsync(); // rooms tell their occupants (MUC-052)
        }

        await DisconnectAsync();
        try
        {
            // Administration sends messages too: it ends before what is held back is written.
            using var timeout = new CancellationTokenSource(s_patience, time);
            await Task.WhenAll(_socket?.StopAsync(timeout.Token) ?? Task.CompletedTask, _http?.StopAsync(timeout.Token) ?? Task.CompletedTask);
        }
        finally
        {
            if (Context is not null)
            {
                // Those that wait for resumption: what they have not got is stored or answered now (OPS-006).
                await Context.EndSessionsAsync(CancellationToken.None);
                await Context.DrainAsync();
            }

            await (_cluster?.LeaveAsync() ?? Task.CompletedTask);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopDomainsAsync();
        foreach (var listener in _clients)
        {
            await listener.DisposeAsync();
        }

        if (_socket is not null)
        {
            await _socket.DisposeAsync();
        }

        if (_http is not null)
        {
            await _http.DisposeAsync();
        }

        _api?.Dispose();
        if (_sessions is not null)
        {
            await _sessions.DisposeAsync();
        }

        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        _pools?.Dispose();
        if (_databases is not null)
        {
            await _databases.DisposeAsync();
        }

        if (_clusters is not null)
        {
            await _clusters.DisposeAsync();
        }

        _metrics?.Dispose();
        _hold?.Dispose();
    }

    private void Serve(HostTypeConfiguration host, ServerContext context, SqlStores sql, Stores stores)
    {
        var chain = AuthChains.Create(host, method => sql.Accounts(host.Name, isPooled: method is AuthMethod.Rdbms), context, folder.Secret(), tag => _pools!.Of(host.Name, tag));
        var modules = host.Modules.All.ToDictionary(section => section.Name, section => section.Options is NoOptions ? null : section.Options);
        HostType type;
        try
        {
            var access = host.Access.Where(domain => context.Domains.TryFindAccounts(domain, out _));
            type = HostTypeBuilder.Build(host.Name, context, chain, access, ModulesHere.Catalogue, modules, stores, host.ReplacedWaitTimeout, new Remains(_databases!, host.Name));
        }
        catch (InvalidOperationException unfit)
        {
            throw new StartException($"host {host.Name}: {unfit.Message}", unfit);
        }

        foreach (var taken in host.IsDynamic ? context.Domains.AddHostType(type) : context.Domains.Add(BareJid.Parse(host.Name), type))
        {
            ServerLog.SubdomainTaken(_log, taken); // CORE-244
        }
    }

    // Domains of the database come behind those of the configuration, which win (CORE-243).
    private async Task LoadDomainsAsync(ServerContext context, SqlDomainStore? store, CancellationToken ct)
    {
        if (store is null)
        {
            if (configuration.General.HostTypes is not [])
            {
                ServerLog.NoDomainService(_log);
            }

            return;
        }

        _domains = new DynamicDomains(context, store, configuration.Services.DomainDb!);
        context.DomainOperations = new DomainOperations(context, store, _domains);
        try
        {
            await _domains.LoadAsync(ct);
        }
        catch (Exception unusable) when (Databases.IsUnusable(unusable))
        {
            throw new StartException($"the domains cannot be read: {unusable.Message}", unusable);
        }
    }

    // A removal stops where it is and goes on at the next start.
    private async Task StopDomainsAsync()
    {
        if (_domains is { } domains)
        {
            _domains = null;
            await Context!.DomainOperations!.DisposeAsync();
            await domains.DisposeAsync();
        }
    }

    // Nobody new is served, and load balancers are told so.
    private async Task SuspendAsync()
    {
        IsReady = false;
        foreach (var listener in _clients)
        {
            await listener.SuspendAsync();
        }
    }

    private Task DisconnectAsync() => Task.WhenAll(
        [.. _clients.Select(listener => listener.StopAsync(s_patience)), _webSockets?.StopAsync(s_patience) ?? Task.CompletedTask, _bosh?.StopAsync(s_patience) ?? Task.CompletedTask]);

    // The node stays a member and can be administered; nobody is connected to it.
    private async Task SendAwayAsync()
    {
        await SuspendAsync();
        await DisconnectAsync();
        await Context!.EndSessionsAsync(CancellationToken.None);
    }

    private async Task OpenAsync(bool serves, CancellationToken ct)
    {
        Ns.RegisterWellKnown();
        _databases = new Databases(configuration, folder, time, loggers);
        _clusters = new CassandraClusters(configuration, time, loggers);
        _pools = new HttpPools(configuration.HostTypes, time);
        _cluster = serves ? ClusterMember.Create(configuration, folder, _databases, this, time, loggers) : null;
        Context = new ServerContext(configuration.General, time, loggers)
        {
            Cluster = _cluster?.Control,
            Shapers = configuration.Shapers,
            HttpPools = _pools,
            Traffic = configuration.Services.Traffic is null ? null : new TrafficWatch(),
            TraceRatio = configuration.Instrumentation.Otlp?.SamplingRatio ?? 1,
            DomainAdminStore = new SqlDomainAdminStore(_databases.ForServer()),
            Sessions = _cluster?.Sessions.Directory ?? _sessions?.Directory ?? new LocalSessionDirectory() as ISessionDirectory,
            Placement = _cluster?.Sessions.Placement ?? new LocalPlacement(time, loggers) as IPlacement,
            Events = _cluster?.Sessions.Events ?? new LocalClusterEvents() as IClusterEvents,
        };
        var sql = new SqlStores(_databases.For, time, loggers);
        var stores = new Stores(sql, new CassandraStores(time), _clusters, folder);
        foreach (var host in configuration.HostTypes.Values)
        {
            Serve(host, Context, sql, stores);
        }

        var domains = configuration.Services.DomainDb is { } service ? new SqlDomainStore(_databases.For(service), time) : null;
        await _databases.PrepareAsync(Migrates, ct);
        await _clusters.PrepareAsync(Migrates, ct);
        await LoadDomainsAsync(Context, domains, ct);
    }

    private void Lose()
    {
        IsReady = false;
        Lost?.Invoke();
    }

    private async Task ListenAsync(ServerContext context, CancellationToken ct)
    {
        var listening = new List<string>();
        foreach (var options in configuration.Listen.C2s)
        {
            var tls = options.Tls is null ? null : Tls(options.Tls);
            var shaper = configuration.Shapers.GetValueOrDefault(options.Shaper);
            var listener = new ClientListener(context, options, tls, shaper);
            _clients.Add(listener);
            await BindAsync(() => listener.StartAsync(ct), options.EndPoint);
            listening.Add($"clients on {listener.EndPoint} ({Describe(options.Tls?.Mode)})");
        }

        if (configuration.Listen.Http.Count > 0)
        {
            _webSockets = new WebSocketHandler(context);
            _bosh = new BoshHandler(context, configuration.Services.Bosh ?? new BoshOptions());
            var modules = new ModuleEndpoints(context);
            HttpListenerOptions[] listeners = [.. configuration.Listen.Http.Select(WithPasswords)];
            _http = new HttpServer(
                listeners, HttpHandlers.All(this, _webSockets, _bosh, modules, _api, _metrics, listeners, loggers), Certificate, configuration.General.HttpServerName, loggers, modules);
            context.Http = new HttpAddresses(listeners, () => _http.Addresses);
            await BindAsync(() => _http.StartAsync(ct), listeners[0].EndPoint);
            for (var i = 0; i < listeners.Length; i++)
            {
                listening.AddRange(listeners[i].Handlers.InOrder.Select(handler => $"{new Uri(_http.Addresses[i], handler.Path)}"));
            }
        }

        Listening = listening;
    }

    // Passwords that stand in files of their own.
    private HttpListenerOptions WithPasswords(HttpListenerOptions listener) => listener with
    {
        Handlers = listener.Handlers with
        {
            GraphQL = [.. listener.Handlers.GraphQL.Select(handler => handler.PasswordFile is { } file ? handler with { Password = folder.Password(file), PasswordFile = null } : handler)],
        },
    };

    private async Task OpenSocketAsync(CancellationToken ct)
    {
        _socket = new ControlSocket(_api!, folder.ControlSocket(configuration.Cluster is { IsOnOneMachine: true, Node: var node } ? node : null), loggers);
        try
        {
            await _socket.StartAsync(ct);
        }
        catch (Exception taken) when (taken is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"cannot listen for meerkatctl: {taken.Message}", taken);
        }
    }

    private static async Task BindAsync(Func<Task> bind, IPEndPoint endPoint)
    {
        try
        {
            await bind();
        }
        catch (Exception taken) when (taken is IOException or SocketException or AddressInUseException)
        {
            // The innermost names the cause alone: the platform's HTTP server tells the address once more.
            throw new StartException($"cannot listen on {endPoint}: {taken.GetBaseException().Message}", taken);
        }
    }

    private TlsServer Tls(TlsOptions tls)
    {
        var certificate = Certificate(tls);
        try
        {
            return new TlsServer(tls, certificate, time, loggers.CreateLogger<TlsServer>());
        }
        catch (System.Security.Cryptography.CryptographicException unusable)
        {
            throw new StartException(unusable.Message, unusable);
        }
    }

    private ServerCertificate Certificate(TlsOptions tls)
    {
        var key = tls.CertFile ?? "";
        if (!_certificates.TryGetValue(key, out var certificate))
        {
            SignedItself |= tls.CertFile is null;
            var log = loggers.CreateLogger<ServerCertificate>();
            try
            {
                certificate = tls.CertFile is null
                    ? ServerCertificate.SelfSigned(folder.Path, configuration.General.Hosts is [] ? [configuration.General.DefaultServerDomain] : configuration.General.Hosts, time, log)
                    : ServerCertificate.FromFiles(tls.CertFile, tls.KeyFile!, tls.Password, time, log);
            }
            catch (System.Security.Cryptography.CryptographicException unusable)
            {
                throw new StartException($"certificate {tls.CertFile} with key {tls.KeyFile} cannot be used: {unusable.Message}", unusable);
            }

            _certificates[key] = certificate;
        }

        return certificate;
    }

    private static string Describe(TlsMode? mode) => mode switch
    {
        null => "no TLS",
        TlsMode.Tls => "direct TLS",
        TlsMode.StartTlsRequired => "STARTTLS required",
        _ => "STARTTLS",
    };
}
