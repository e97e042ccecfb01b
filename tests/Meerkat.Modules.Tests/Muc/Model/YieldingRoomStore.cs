using Meerkat.Core.Storage;
using Meerkat.Modules.Muc;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Tests.Muc.Model;

/// <summary>The store in memory, none of whose answers is there at once: as that of a database.</summary>
internal sealed class YieldingRoomStore : IRoomStore
{
    private readonly MemoryRoomStore _store = new();

    public async ValueTask<StoredRoom?> FindAsync(BareJid room, CancellationToken ct)
    {
        await Task.Yield();
        return await _store.FindAsync(room, ct);
    }

    public async ValueTask<bool> ClaimAsync(BareJid room, long epoch, CancellationToken ct)
    {
        await Task.Yield();
        return await _store.ClaimAsync(room, epoch, ct);
    }

    public async ValueTask<bool> SaveAsync(StoredRoom room, long epoch, CancellationToken ct)
    {
        await Task.Yield();
        return await _store.SaveAsync(room, epoch, ct);
    }

    public async ValueTask SaveHistoryAsync(BareJid room, XmlElement? history, long epoch, CancellationToken ct)
    {
        for (var i = 0; i < 50; i++)
        {
            await Task.Yield(); // behind the room's back: it may be late
        }

        await _store.SaveHistoryAsync(room, history, epoch, ct);
    }

    public async ValueTask<bool> RemoveAsync(BareJid room, long epoch, CancellationToken ct)
    {
        await Task.Yield();
        return await _store.RemoveAsync(room, epoch, ct);
    }

    public ValueTask<IReadOnlyList<RoomListing>> ListAsync(string service, CancellationToken ct) => _store.ListAsync(service, ct);

    public ValueTask<IReadOnlyList<BareJid>> RoomsOfAsync(BareJid account, CancellationToken ct) => _store.RoomsOfAsync(account, ct);

    public ValueTask RemoveServiceAsync(string service, CancellationToken ct) => _store.RemoveServiceAsync(service, ct);

    public ValueTask<string?> NickOfAsync(string service, BareJid account, CancellationToken ct) => _store.NickOfAsync(service, account, ct);

    public async ValueTask<BareJid?> NickOwnerAsync(string service, string nick, CancellationToken ct)
    {
        await Task.Yield();
        return await _store.NickOwnerAsync(service, nick, ct);
    }

    public ValueTask<bool> RegisterNickAsync(string service, BareJid account, string? nick, CancellationToken ct) => _store.RegisterNickAsync(service, account, nick, ct);

    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => _store.RemoveAccountAsync(account, ct);

    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => _store.RemoveDomainAsync(domain, ct);

    public IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, CancellationToken ct) => _store.ExportAsync(account, ct);
}
