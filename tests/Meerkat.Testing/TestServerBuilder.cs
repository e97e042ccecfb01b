using System.Reflection;
using Meerkat.Core.Access;
using Meerkat.Core.Accounts;
using Meerkat.Core.Domains;
using Meerkat.Core.Hosts;
using Meerkat.Core.Http;
using Meerkat.Core.Modules;
using Meerkat.Core.Placement;
using Meerkat.Core.Cluster;
using Meerkat.Core.Sessions;
using Meerkat.Core.Shaping;
using Meerkat.Core.Streams;
using Meerkat.Core.Tracing;
using Microsoft.Extensions.Time.Testing;

namespace Meerkat.Testing;

/// <summary>What a <see cref="TestServer"/> is made of.</summary>
public sealed class TestServerBuilder
{
    /// <summary>Domains served; the first is the default. Default: <c>example.test</c>.</summary>
    public IReadOnlyList<string> Domains { get; set; } = ["example.test"];

    /// <summary>Host types whose domains are added while the server runs, with the same modules.</summary>
    public IReadOnlyList<string> HostTypes { get; set; } = [];

    /// <summary>Shows the streams of clients; null where nobody can watch.</summary>
    public TrafficWatch? Traffic { get; set; }

    /// <summary>Where domains are that are added while the server runs. Two servers with the same store are two processes on one database.</summary>
    public IDomainStore? DomainStore { get; set; }

    /// <summary>How often changes of domains are looked for.</summary>
    public DomainServiceOptions DomainService { get; set; } = new();

    /// <summary>The <c>general</c> section.</summary>
    public GeneralOptions General { get; set; } = new() { DefaultServerDomain = "example.test" };

    /// <summary>What listeners lay down.</summary>
    public ClientProfile Profile { get; set; } = new();

    /// <summary>The clock, at a fixed start.</summary>
    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.Zero));

    /// <summary>What was logged.</summary>
    public TestLog Log { get; } = new();

    /// <summary>The accounts. Two servers with the same are two processes on one database.</summary>
    public TestAccounts Accounts { get; set; } = new();

    /// <summary>The <c>auth</c> section; null for accounts with plain passwords.</summary>
    public AuthOptions? Auth { get; set; }

    /// <summary>ACL classes.</summary>
    public Dictionary<string, IReadOnlyList<AclPattern>> Acl { get; } = [];

    /// <summary>Access rules.</summary>
    public Dictionary<string, IReadOnlyList<AccessClause>> Access { get; } = [];

    /// <summary>Shapers by name.</summary>
    public Dictionary<string, ShaperOptions> Shapers { get; } = [];

    /// <summary>Web services by the tag of their pool, for every host.</summary>
    public Dictionary<string, IHttpPool> HttpPools { get; } = [];

    /// <summary>Who is bound.</summary>
    public ISessionDirectory Sessions { get; set; } = new LocalSessionDirectory();

    /// <summary>Tells other nodes what has changed.</summary>
    public IClusterEvents Events { get; set; } = new LocalClusterEvents();

    /// <summary>Where single writers are; null for here.</summary>
    public IPlacement? Placement { get; set; }

    /// <summary>Makes stores: those in memory unless a test sets others.</summary>
    public IStoreProvider Stores { get; set; } = new MemoryStores();

    internal Dictionary<string, object?> Modules { get; } = [];

    internal HashSet<Assembly> Assemblies { get; } = [];

    /// <summary>Adds a module.</summary>
    /// <param name="options">Its options; null for the defaults.</param>
    public TestServerBuilder Module<TModule>(object? options = null)
        where TModule : IModule
    {
        Modules[ModuleDescription.Of(typeof(TModule)).Key] = options;
        Assemblies.Add(typeof(TModule).Assembly);
        return this;
    }

    /// <summary>Adds a module that is known by its description.</summary>
    /// <param name="module">The module.</param>
    /// <param name="options">Its options; null for the defaults.</param>
    public TestServerBuilder Module(ModuleDescription module, object? options = null)
    {
        Modules[module.Key] = options;
        Assemblies.Add(module.Type.Assembly);
        return this;
    }

    // IXStore is served by the MemoryXStore beside it.
    private sealed class MemoryStores : IStoreProvider
    {
        public object? Create(Type contract, HostType host, object? options)
        {
            var type = contract.IsInterface
                ? contract.Assembly.GetTypes().SingleOrDefault(type => type.Name.StartsWith("Memory", StringComparison.Ordinal) && type.IsAssignableTo(contract))
                : null;
            if (type is null)
            {
                return null;
            }

            return type.GetConstructor([typeof(TimeProvider)]) is { } timed ? timed.Invoke([host.Server.Time]) : Activator.CreateInstance(type);
        }
    }
}
