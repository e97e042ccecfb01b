using Meerkat.Connections.Outgoing;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Xmpp.Sasl;
using Microsoft.Extensions.Logging;

namespace Meerkat.Server.Running;

/// <summary>Puts together the authentication methods of a host type.</summary>
public static class AuthChains
{
    /// <summary>The tag of the pool that the method <c>http</c> asks (AUTH-074).</summary>
    public const string HttpPoolTag = "auth";

    /// <summary>The chain of a host type.</summary>
    /// <param name="host">Its configuration.</param>
    /// <param name="accounts">The account store of a method: <c>internal</c> is the embedded database's, <c>rdbms</c> the pool's.</param>
    /// <param name="server">The server.</param>
    /// <param name="secret">What decoys are made of: the same after a restart, known to nobody else.</param>
    /// <param name="pool">The web service of a tag as it is for the host, which is there where the configuration was checked.</param>
    public static AuthChain Create(HostTypeConfiguration host, Func<AuthMethod, IAccountStore> accounts, ServerContext server, ReadOnlyMemory<byte> secret, Func<string, HttpPool?> pool)
    {
        var options = host.Auth;
        var methods = new List<IAuthMethod>();
        foreach (var method in options.ActiveMethods)
        {
            methods.Add(method switch
            {
                AuthMethod.Anonymous => new AnonymousAuthMethod(options.Anonymous!),
                AuthMethod.Dummy => new DummyAuthMethod(options.Dummy!, server.Time),
                AuthMethod.Http => new HttpAuthMethod(options.Http!, pool(HttpPoolTag) ?? throw new StartException($"host {host.Name}: there is no pool [outgoing_pools.http.{HttpPoolTag}]"), options.Password, server.Loggers.CreateLogger<HttpAuthMethod>()),
                AuthMethod.Jwt => Jwt(host.Name, options.Jwt!, server),
                AuthMethod.Pki => new PkiAuthMethod(),
                AuthMethod.Internal or AuthMethod.Rdbms => new StoredAuthMethod(method, accounts(method), options.Password),
                _ => throw new StartException($"host {host.Name}: the method {method} is not available"),
            });
        }

        return new AuthChain(host.Name, methods, options, new AccountEvents(server, host.Name), server.Time, server.Loggers.CreateLogger<AuthChain>(), decoy: new ScramDecoy(secret, options.Password.ScramIterations));
    }

    private static JwtAuthMethod Jwt(string host, JwtAuthOptions options, ServerContext server)
    {
        try
        {
            return new JwtAuthMethod(options, server.Time, server.Loggers.CreateLogger<JwtAuthMethod>());
        }
        catch (Exception unfit) when (unfit is ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new StartException($"host {host}: auth.jwt.secret: {unfit.Message}", unfit);
        }
    }
}
