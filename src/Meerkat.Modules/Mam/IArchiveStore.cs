using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Mam;

/// <summary>What a message archive needs kept: messages by owner, an account or a room, in the order of their ids.</summary>
/// <remarks>
/// Safe for concurrent use. When a write has completed, it survives the death of the process. <see cref="IAccountArchiveStore"/> and <see cref="IRoomArchiveStore"/> are two stores: an address is never in both.
/// </remarks>
public interface IArchiveStore
{
    /// <summary>What this store can do besides what all can.</summary>
    ArchiveAbilities Abilities { get; }

    /// <summary>Adds messages, all or none.</summary>
    /// <remarks>A message whose id is there already is passed over, and so is one whose owner, remote, direction and origin id are those of a message that is there: the
    /// same message sent again is one row. Ids need not rise from call to call.</remarks>
    /// <param name="entries">The messages of any owners.</param>
    /// <param name="ct">Gives up before the write begins.</param>
    /// <exception cref="StorageBusyException">The store cannot take it now; nothing is written.</exception>
    ValueTask AppendAsync(IReadOnlyList<ArchiveEntry> entries, CancellationToken ct);

    /// <summary>A page of an archive.</summary>
    /// <returns>The page; null when the query is not simple and <see cref="ArchiveQuery.After"/> or <see cref="ArchiveQuery.Before"/> is not among what matches (MAM-037).</returns>
    ValueTask<ArchivePage?> QueryAsync(BareJid owner, ArchiveQuery query, CancellationToken ct);

    /// <summary>Messages by id (MAM-038).</summary>
    /// <returns>Those that are there, in the order asked.</returns>
    ValueTask<IReadOnlyList<ArchivedMessage>> GetAsync(BareJid owner, IReadOnlyList<long> ids, CancellationToken ct);

    /// <summary>The newest message with that origin id (MAM-071); null when there is none.</summary>
    ValueTask<ArchivedMessage?> FindAsync(BareJid owner, BareJid remote, bool isOutgoing, string originId, CancellationToken ct);

    /// <summary>Puts another stanza in the place of a message; it is not found by its text any more (MAM-072).</summary>
    /// <returns>False when there is no message of that id.</returns>
    ValueTask<bool> ReplaceAsync(BareJid owner, long id, ReadOnlyMemory<byte> xml, CancellationToken ct);

    /// <summary>The lowest and the highest id of an archive; null when it is empty.</summary>
    ValueTask<(long First, long Last)?> BoundsAsync(BareJid owner, CancellationToken ct);

    /// <summary>Removes an archive.</summary>
    ValueTask RemoveAsync(BareJid owner, CancellationToken ct);

    /// <summary>Removes messages below an id from the archives of all owners of a domain.</summary>
    /// <param name="domain">The domain of the owners.</param>
    /// <param name="belowId">The lowest id that stays; <see cref="long.MaxValue"/> removes all.</param>
    /// <param name="limit">At most so many now.</param>
    /// <param name="ct">Gives up before the removal begins.</param>
    /// <returns>How many; fewer than <paramref name="limit"/> when none is left.</returns>
    ValueTask<int> RemoveBelowAsync(string domain, long belowId, int limit, CancellationToken ct);
}

/// <summary>Archives of accounts.</summary>
public interface IAccountArchiveStore : IArchiveStore;

/// <summary>Archives of rooms.</summary>
public interface IRoomArchiveStore : IArchiveStore
{
    /// <summary>What an account has said in rooms, for the person who asks for it (MAM-088).</summary>
    /// <param name="sender">The account.</param>
    /// <param name="after">Where to go on: the last entry of the page before; null begins.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="ct">Cancels the wait.</param>
    /// <returns>Messages of all rooms in an order of the store's own, that stays the same.</returns>
    ValueTask<IReadOnlyList<ArchiveEntry>> OfSenderAsync(BareJid sender, ArchiveEntry? after, int limit, CancellationToken ct);
}

/// <summary>What not every archive store can do.</summary>
[Flags]
public enum ArchiveAbilities
{
    /// <summary>Nothing more than what all can.</summary>
    None = 0,

    /// <summary>Finds messages by their text (<see cref="ArchiveQuery.Words"/>).</summary>
    TextSearch = 1,

    /// <summary>Leaves out groupchat (<see cref="ArchiveQuery.WithoutGroupchat"/>).</summary>
    GroupchatFilter = 2,

    /// <summary>Finds and replaces what is retracted (<see cref="IArchiveStore.FindAsync"/>, <see cref="IArchiveStore.ReplaceAsync"/>).</summary>
    Retraction = 4,

    /// <summary>All of these.</summary>
    All = TextSearch | GroupchatFilter | Retraction,
}
