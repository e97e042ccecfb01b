using Meerkat.Xmpp;

namespace Meerkat.Modules.Disco;

/// <summary>What <c>mod_disco</c> offers to other modules. Safe for concurrent use once the host type serves.</summary>
public interface IDisco
{
    /// <summary>What domains of this host type say about themselves.</summary>
    /// <remarks>Complete once every module is registered: not to be read before the host type serves.</remarks>
    DiscoInfo Server { get; }

    /// <summary>Lets a module answer for nodes and items of its own. During <see cref="Core.Modules.IModule.Register"/> only.</summary>
    void Add(IDiscoContributor contributor);

    /// <summary>The contact addresses (XEP-0157) that an administrator wants a module's service to show (DSC-004).</summary>
    /// <param name="module">Key of the module.</param>
    /// <returns>The form; null when there is none.</returns>
    DataForm? ContactAddresses(string module);
}

/// <summary>A module with nodes or items of its own, at domains or at accounts.</summary>
public interface IDiscoContributor
{
    /// <summary>What it has to say about the entity or node asked for; null for nothing.</summary>
    ValueTask<DiscoInfo?> InfoAsync(DiscoQuery query, CancellationToken ct);

    /// <summary>Items of the entity or node asked for; null when it does not know the node or has nothing.</summary>
    ValueTask<IReadOnlyList<DiscoItem>?> ItemsAsync(DiscoQuery query, CancellationToken ct);
}

/// <summary>A question about an entity or a node of it.</summary>
/// <param name="From">Who asks.</param>
/// <param name="Entity">Who is asked: a domain or an account.</param>
/// <param name="Node">The node; null for the entity itself.</param>
/// <param name="IsSubscribed">Whether an account is asked by itself or by somebody who has it in the own roster, in one direction at least (DSC-003); true for domains.</param>
public sealed record DiscoQuery(Jid From, BareJid Entity, string? Node, bool IsSubscribed)
{
    /// <summary>Whether a domain is asked.</summary>
    public bool IsServer => !Entity.HasLocal;
}
