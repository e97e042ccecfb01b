using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Testing;

/// <summary>Accounts of a test server: the real chain over the in-memory store, with passwords stored plain, so that a log-in costs no hashing.</summary>
public sealed class TestAccounts
{
    private static readonly PasswordOptions s_passwords = new() { Format = PasswordFormat.Plain, ScramIterations = 1 };

    /// <summary>The store.</summary>
    public MemoryAccountStore Store { get; } = new();

    /// <summary>Adds an account, unless it is there.</summary>
    public async Task AddAsync(string jid, string password) =>
        await Store.CreateAsync(BareJid.Parse(jid), AccountPassword.FromPlain(password), CancellationToken.None);

    internal AuthChain Chain(string hostType, ServerContext server, AuthOptions? options)
    {
        options ??= new AuthOptions { Internal = new InternalAuthOptions(), Password = s_passwords };
        var methods = new List<IAuthMethod>();
        foreach (var method in options.ActiveMethods)
        {
            methods.Add(method switch
            {
                AuthMethod.Anonymous => new AnonymousAuthMethod(options.Anonymous!),
                AuthMethod.Pki => new PkiAuthMethod(),
                AuthMethod.Dummy => new DummyAuthMethod(options.Dummy!, server.Time),
                _ => new StoredAuthMethod(method, Store, options.Password),
            });
        }

        return new AuthChain(hostType, methods, options, new AccountEvents(server, hostType), server.Time, server.Loggers.CreateLogger<AuthChain>());
    }
}
