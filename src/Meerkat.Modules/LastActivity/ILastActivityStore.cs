using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.LastActivity;

/// <summary>What Last Activity needs kept: per account, when it was last there and what it said then.</summary>
/// <remarks>Safe for concurrent use. Moments are kept to the second.</remarks>
public interface ILastActivityStore : IAccountData
{
    /// <summary>What is known of an account; null when it was never seen.</summary>
    ValueTask<LastSeen?> FindAsync(BareJid account, CancellationToken ct);

    /// <summary>Remembers what an account did last, unless something newer is known (LST-004).</summary>
    ValueTask SetAsync(BareJid account, LastSeen seen, CancellationToken ct);

    /// <summary>Remembers of several accounts that they were there, without a status, unless something newer is known. All or none.</summary>
    ValueTask NoteAsync(IReadOnlyList<BareJid> accounts, DateTimeOffset moment, CancellationToken ct);

    /// <summary>Sets what is known of an account, whatever is known already (GQA-LAST-04).</summary>
    ValueTask OverwriteAsync(BareJid account, LastSeen seen, CancellationToken ct);

    /// <summary>How many accounts of a domain were last seen after a moment (LST-006).</summary>
    ValueTask<long> CountAfterAsync(string domain, DateTimeOffset moment, CancellationToken ct);

    /// <summary>What is known of the accounts of a domain, in no order; accounts that were never seen are not among them (LST-006).</summary>
    ValueTask<IReadOnlyDictionary<BareJid, DateTimeOffset>> ListAsync(string domain, CancellationToken ct);
}

/// <summary>When an account was last there.</summary>
/// <param name="Moment">When.</param>
/// <param name="Status">The status text of its last presence; empty for none.</param>
public sealed record LastSeen(DateTimeOffset Moment, string Status);
