using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using Meerkat.Connections.Clients;
using Meerkat.Core.Access;
using Meerkat.Core.Domains;
using Meerkat.Core.Hosts;
using Meerkat.Core.Http;
using Meerkat.Core.Modules;
using Meerkat.Core.Placement;
using Meerkat.Core.Streams;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Time.Testing;

namespace Meerkat.Testing;

/// <summary>A whole server in memory, without sockets: clients talk XML to it over pipes. Its clock moves only when a test moves it.</summary>
public sealed class TestServer : IAsyncDisposable
{
    private readonly TestServerBuilder _with;
    private readonly ConcurrentDictionary<ClientConnection, Task> _connections = new();
    private readonly CancellationTokenSource _stop = new();
    private int _names;
    private DynamicDomains? _domains;

    private TestServer(TestServerBuilder with, ServerContext context)
    {
        _with = with;
        Context = context;
    }

    /// <summary>The server's parts.</summary>
    public ServerContext Context { get; }

    /// <summary>The clock.</summary>
    public FakeTimeProvider Time => _with.Time;

    /// <summary>What was logged.</summary>
    public TestLog Log => _with.Log;

    /// <summary>The accounts.</summary>
    public TestAccounts Accounts => _with.Accounts;

    /// <summary>The first domain.</summary>
    public string Domain => _with.Domains[0];

    /// <summary>The host type of the first domain.</summary>
    public HostType Host => Context.Domains.TryFind(Domain, out var domain) ? domain.Host : throw new InvalidOperationException();

    /// <summary>The domains that are added while the server runs.</summary>
    public DomainOperations Dynamic => Context.DomainOperations ?? throw new InvalidOperationException("the server has no host types");

    /// <summary>Starts a server.</summary>
    public static async Task<TestServer> StartAsync(Action<TestServerBuilder>? configure = null)
    {
        Ns.RegisterWellKnown();
        var with = new TestServerBuilder();
        configure?.Invoke(with);
        var context = new ServerContext(with.General with { DefaultServerDomain = with.Domains[0], Hosts = with.Domains, HostTypes = with.HostTypes }, with.Time, with.Log) { Shapers = with.Shapers, Sessions = with.Sessions, Events = with.Events, HttpPools = new Pools(with.HttpPools), Traffic = with.Traffic, Placement = with.Placement ?? new LocalPlacement(with.Time, with.Log) { Carries = true } }; // what would not reach another node of a cluster fails here too
        var catalogue = new ModuleCatalogue(with.Assemblies);
        foreach (var name in with.Domains.Concat(with.HostTypes))
        {
            var access = new AccessRules(with.Acl, with.Access, domain => context.Domains.TryFind(domain, out _));
            var host = HostTypeBuilder.Build(name, context, with.Accounts.Chain(name, context, with.Auth), access, catalogue, with.Modules, with.Stores);
            var taken = with.HostTypes.Contains(name) ? context.Domains.AddHostType(host) : context.Domains.Add(BareJid.Parse(name), host);
            if (taken.Count > 0)
            {
                throw new InvalidOperationException($"taken: {string.Join(", ", taken)}");
            }
        }

        var server = new TestServer(with, context);
        if (with.HostTypes.Count > 0)
        {
            var store = with.DomainStore ?? new MemoryDomainStore(with.Time);
            server._domains = new DynamicDomains(context, store, with.DomainService);
            context.DomainOperations = new DomainOperations(context, store, server._domains);
            await server._domains.LoadAsync(CancellationToken.None);
            server._domains.Start();
            context.DomainOperations.Start();
        }

        return server;
    }

    /// <summary>An account name that no other test uses.</summary>
    public string NewName(string prefix = "user") => $"{prefix}{Interlocked.Increment(ref _names)}";

    /// <summary>Opens a raw connection: nothing is sent yet.</summary>
    /// <param name="profile">What the listener lays down; null for the defaults.</param>
    /// <param name="facts">Facts of the connection; null for an unencrypted one in memory.</param>
    /// <param name="limits">Limits of one element; null for the defaults.</param>
    /// <param name="startTls">Whether TLS is offered; it cannot be started in memory.</param>
    public TestClient Open(ClientProfile? profile = null, TransportFacts? facts = null, XmlLimits? limits = null, bool startTls = false)
    {
        var toServer = new Pipe(new PipeOptions(useSynchronizationContext: false));
        var toClient = new Pipe(new PipeOptions(useSynchronizationContext: false));
        var server = new DuplexPipe(toServer.Reader, toClient.Writer);
        var client = new DuplexPipe(toClient.Reader, toServer.Writer);
        facts ??= new TransportFacts("memory", new IPEndPoint(IPAddress.Loopback, 40000), false);
        var connection = new ClientConnection(
            Context, profile ?? _with.Profile, limits ?? XmlLimits.Default, server, facts, startTls ? static (_, _) => Task.FromResult<(IDuplexPipe, TransportFacts)?>(null) : null, abort: () => toClient.Writer.Complete());
        _connections[connection] = Task.CompletedTask;
        _connections[connection] = Task.Run(async () =>
        {
            await connection.RunAsync(_stop.Token);
            _connections.TryRemove(connection, out _);
        });
        return new TestClient(this, client, connection);
    }

    /// <summary>A client that has logged in to a new account and bound a resource. No presence is sent.</summary>
    /// <param name="name">Localpart; the account is made if it is not there. Null makes a fresh one.</param>
    /// <param name="resource">Resource; null lets the server choose.</param>
    /// <param name="domain">Domain; null for the first.</param>
    /// <param name="profile">What the listener lays down; null for the defaults.</param>
    public async Task<TestClient> ConnectAsync(string? name = null, string? resource = null, string? domain = null, ClientProfile? profile = null)
    {
        name ??= NewName();
        domain ??= Domain;
        await Accounts.AddAsync($"{name}@{domain}", "secret");
        var client = Open(profile);
        await client.LogInAsync(name, domain, "secret");
        await client.BindAsync(resource);
        return client;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.Interrupt(StreamError.SystemShutdown);
        }

        await _stop.CancelAsync();
        _stop.Dispose();
        if (_domains is not null)
        {
            await (Context.DomainOperations?.DisposeAsync() ?? ValueTask.CompletedTask);
            await _domains.DisposeAsync();
        }
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class Pools(IReadOnlyDictionary<string, IHttpPool> pools) : IHttpPools
    {
        public IHttpPool? Find(string host, string tag) => pools.GetValueOrDefault(tag);
    }
}
