using Meerkat.Core.Storage;
using Meerkat.Modules.Muc;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Tests.Muc;

/// <summary>The store in memory, which fails when a test wants it to, and counts how often it is asked for nicks.</summary>
internal sealed class TroubledRoomStore : IRoomStore
{
    private readonly MemoryRoomStore _store = new();

    /// <summary>Whether rooms can be neither read nor written.</summary>
    public bool Fails { get; set; }

    /// <summary>Whether another account is always quicker with a nick.</summary>
    public bool IsTooLate { get; set; }

    /// <summary>Whether nothing is kept, as if it lay on another machine.</summary>
    public bool Forgets { get; init; }

    public int NickLookups { get; private set; }

    public ValueTask<StoredRoom?> FindAsync(BareJid room, CancellationToken ct) => Fails ? throw new IOException("gone") : _store.FindAsync(room, ct);

    public ValueTask<bool> ClaimAsync(BareJid room, long epoch, CancellationToken ct) => Fails ? throw new IOException("gone") : _store.ClaimAsync(room, epoch, ct);

    public ValueTask<bool> SaveAsync(StoredRoom room, long epoch, CancellationToken ct) => Fails ? throw new IOException("gone") : Forgets ? new(true) : _store.SaveAsync(room, epoch, ct);

    public ValueTask SaveHistoryAsync(BareJid room, XmlElement? history, long epoch, CancellationToken ct) => Fails ? throw new IOException("gone") : _store.SaveHistoryAsync(room, history, epoch, ct);

    public ValueTask<bool> RemoveAsync(BareJid room, long epoch, CancellationToken ct) => Fails ? throw new IOException("gone") : Forgets ? new(true) : _store.RemoveAsync(room, epoch, ct);

    public ValueTask<IReadOnlyList<RoomListing>> ListAsync(string service, CancellationToken ct) => _store.ListAsync(service, ct);

    public ValueTask<IReadOnlyList<BareJid>> RoomsOfAsync(BareJid account, CancellationToken ct) => _store.RoomsOfAsync(account, ct);

    public ValueTask RemoveServiceAsync(string service, CancellationToken ct) => _store.RemoveServiceAsync(service, ct);

    public ValueTask<string?> NickOfAsync(string service, BareJid account, CancellationToken ct) => _store.NickOfAsync(service, account, ct);

    public ValueTask<BareJid?> NickOwnerAsync(string service, string nick, CancellationToken ct)
    {
        NickLookups++;
        return _store.NickOwnerAsync(service, nick, ct);
    }

    public ValueTask<bool> RegisterNickAsync(string service, BareJid account, string? nick, CancellationToken ct) => IsTooLate ? new(false) : _store.RegisterNickAsync(service, account, nick, ct);

    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => _store.RemoveAccountAsync(account, ct);

    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => _store.RemoveDomainAsync(domain, ct);

    public IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, CancellationToken ct) => _store.ExportAsync(account, ct);
}
