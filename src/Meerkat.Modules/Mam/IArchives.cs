using Meerkat.Xmpp;

namespace Meerkat.Modules.Mam;

/// <summary>Archives as other modules and administrators read them: what was sent before is there. Safe for concurrent use.</summary>
public interface IArchives
{
    /// <summary>Largest page that a client may ask for.</summary>
    int MaxPage { get; }

    /// <summary>A page of an archive; null as for <see cref="IArchiveStore.QueryAsync"/>.</summary>
    /// <exception cref="TimeoutException">What was sent before could not be written in time.</exception>
    ValueTask<ArchivePage?> QueryAsync(BareJid owner, ArchiveQuery query, CancellationToken ct);

    /// <summary>Writes everything that waits.</summary>
    Task FlushAsync();
}

/// <summary>The same for rooms.</summary>
public interface IRoomArchives : IArchives;

/// <summary>What <c>mod_mam</c> offers of one kind of archive.</summary>
internal sealed class Archives(IArchiveStore store, ArchiveWriter writer, ArchiveSettings settings) : IRoomArchives
{
    public int MaxPage => settings.MaxPage;

    public async ValueTask<ArchivePage?> QueryAsync(BareJid owner, ArchiveQuery query, CancellationToken ct)
    {
        await writer.SettleAsync(owner, ct);
        return await store.QueryAsync(owner, query, ct);
    }

    public Task FlushAsync() => writer.FlushAsync();
}
