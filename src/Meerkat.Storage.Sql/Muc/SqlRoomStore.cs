using System.Data.Common;
using System.Runtime.CompilerServices;
using LinqToDB;
using LinqToDB.Async;
using Meerkat.Core.Storage;
using Meerkat.Modules.Muc;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Muc;

/// <summary>Chat rooms in a SQL database. A write of a room with its affiliations is one transaction.</summary>
public sealed class SqlRoomStore(SqlDatabase database) : IRoomStore
{
    /// <inheritdoc/>
    public ValueTask<StoredRoom?> FindAsync(BareJid room, CancellationToken ct) =>
        database.ReadAsync(
            async session =>
            {
                if (await session.FindOwnerAsync(room, ct) is not { } id || await session.RowsOf<RoomRow>(id).FirstOrDefaultAsync(ct) is not { } row)
                {
                    return null;
                }

                var affiliations = await session.AllOfAsync<RoomAffiliationRow>(room, ct);
                return new StoredRoom(room, Parse(row.Settings), [.. affiliations.Select(entry => entry.ToEntry())])
                {
                    Title = row.Title,
                    IsPublic = row.IsPublic,
                    History = row.History is { } history ? Parse(history) : null,
                };
            },
            ct);

    /// <inheritdoc/>
    public ValueTask<bool> ClaimAsync(BareJid room, long epoch, CancellationToken ct) =>
        database.WriteAsync(
            room,
            async session => await session.FindOwnerAsync(room, CancellationToken.None) is not { } id
                || await session.RowsOf<RoomRow>(id).Where(row => row.Epoch <= epoch).Set(row => row.Epoch, epoch).UpdateAsync(CancellationToken.None) > 0
                || (!await session.RowsOf<RoomRow>(id).AnyAsync(CancellationToken.None) && !await WasRemovedBehindAsync(session, id, epoch)),
            ct);

    /// <inheritdoc/>
    public ValueTask<bool> SaveAsync(StoredRoom room, long epoch, CancellationToken ct)
    {
        var settings = room.Settings.ToUtf8();
        return database.WriteAsync(
            room.Jid,
            async session =>
            {
                var id = await session.EnsureOwnerAsync(room.Jid, CancellationToken.None);
                var known = await session.RowsOf<RoomRow>(id).Select(row => new { row.Epoch }).FirstOrDefaultAsync(CancellationToken.None);
                if (known is null ? await WasRemovedBehindAsync(session, id, epoch) : known.Epoch > epoch)
                {
                    return false;
                }

                if (known is null)
                {
                    await session.RowsOf<RemovedRoomRow>(id).DeleteAsync(CancellationToken.None);
                    await session.AddAsync(new RoomRow { OwnerId = id, Epoch = epoch, Title = room.Title, IsPublic = room.IsPublic, Settings = settings }, CancellationToken.None);
                }
                else
                {
                    await session.RowsOf<RoomRow>(id).Set(row => row.Epoch, epoch).Set(row => row.Title, room.Title).Set(row => row.IsPublic, room.IsPublic)
                        .Set(row => row.Settings, settings).UpdateAsync(CancellationToken.None);
                }

                foreach (var change in room.Affiliations)
                {
                    var hash = RoomAffiliationRow.HashOf(change.User.ToString());
                    await session.RowsOf<RoomAffiliationRow>(id).Where(row => row.UserHash == hash).DeleteAsync(CancellationToken.None);
                    if (change.Affiliation is not Affiliation.None)
                    {
                        await session.AddAsync(RoomAffiliationRow.From(id, change), CancellationToken.None);
                    }
                }

                return true;
            },
            ct);
    }

    /// <inheritdoc/>
    public async ValueTask SaveHistoryAsync(BareJid room, XmlElement? history, long epoch, CancellationToken ct)
    {
        var bytes = history?.ToUtf8();
        await database.WriteAsync(
            room,
            async session => await session.FindOwnerAsync(room, CancellationToken.None) is { } id
                ? await session.RowsOf<RoomRow>(id).Where(row => row.Epoch <= epoch).Set(row => row.History, bytes).Set(row => row.Epoch, epoch).UpdateAsync(CancellationToken.None)
                : 0,
            ct);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RemoveAsync(BareJid room, long epoch, CancellationToken ct)
    {
        var (isDone, isRemoved) = await database.WriteAsync(
            room,
            async session =>
            {
                if (await session.FindOwnerAsync(room, CancellationToken.None) is not { } id)
                {
                    return (true, false);
                }

                if (await session.RowsOf<RoomRow>(id).Where(row => row.Epoch <= epoch).DeleteAsync(CancellationToken.None) == 0)
                {
                    return (!await session.RowsOf<RoomRow>(id).AnyAsync(CancellationToken.None) && !await WasRemovedBehindAsync(session, id, epoch), false);
                }

                await session.RowsOf<RoomAffiliationRow>(id).DeleteAsync(CancellationToken.None);
                await session.RowsOf<RemovedRoomRow>(id).DeleteAsync(CancellationToken.None);
                await session.AddAsync(new RemovedRoomRow { OwnerId = id, Epoch = epoch }, CancellationToken.None);
                return (true, true);
            },
            ct);
        if (isRemoved)
        {
            // By itself: with the row above in one transaction, two that remove rooms at once would lock each other out.
            var old = epoch - IRoomStore.Remembered.Ticks;
            await database.WriteAsync(async session => await session.GetTable<RemovedRoomRow>().Where(row => row.Epoch < old).DeleteAsync(CancellationToken.None), CancellationToken.None);
        }

        return isDone;
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<RoomListing>> ListAsync(string service, CancellationToken ct)
    {
        var rows = await database.ReadAsync(
            async session => await session.RowsIn<RoomRow>(service)
                .Join(session.GetTable<OwnerRow>(), row => row.OwnerId, owner => owner.Id, (row, owner) => new { owner.Localpart, row.Title, row.IsPublic }).ToListAsync(ct),
            ct);
        return [.. rows.Select(row => new RoomListing(BareJid.Parse($"{row.Localpart}@{service}"), row.Title, row.IsPublic)).OrderBy(room => room.Jid.ToString(), StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<BareJid>> RoomsOfAsync(BareJid account, CancellationToken ct) =>
        [.. (await AffiliationsAsync(account, ct)).Select(entry => entry.Room)];

    /// <inheritdoc/>
    public async ValueTask RemoveServiceAsync(string service, CancellationToken ct)
    {
        await database.RemoveRowsInAsync<RoomAffiliationRow>(service, ct);
        await database.RemoveRowsInAsync<RoomRow>(service, ct);
        await database.RemoveRowsInAsync<RemovedRoomRow>(service, ct);
        await database.WriteAsync(async session => await session.GetTable<RoomNickRow>().Where(row => row.Service == service).DeleteAsync(CancellationToken.None), ct);
    }

    /// <inheritdoc/>
    public async ValueTask<string?> NickOfAsync(string service, BareJid account, CancellationToken ct) =>
        (await database.RowsOfAsync<RoomNickRow>(account, ct)).FirstOrDefault(row => row.Service == service)?.Nick;

    /// <inheritdoc/>
    public async ValueTask<BareJid?> NickOwnerAsync(string service, string nick, CancellationToken ct)
    {
        var hash = RoomAffiliationRow.HashOf(nick);
        var owner = await database.ReadAsync(
            async session => await session.GetTable<RoomNickRow>().Where(row => row.Service == service && row.NickHash == hash)
                .Join(session.GetTable<OwnerRow>(), row => row.OwnerId, owner => owner.Id, (row, owner) => new { owner.Localpart, owner.Domain }).FirstOrDefaultAsync(ct),
            ct);
        return owner is null ? null : BareJid.TryCreate(owner.Localpart.Length == 0 ? null : owner.Localpart, owner.Domain, out var jid) ? jid : null;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RegisterNickAsync(string service, BareJid account, string? nick, CancellationToken ct)
    {
        if (nick is null)
        {
            await database.WriteAsync(
                account,
                async session => await session.FindOwnerAsync(account, CancellationToken.None) is { } id
                    ? await session.RowsOf<RoomNickRow>(id).Where(row => row.Service == service).DeleteAsync(CancellationToken.None)
                    : 0,
                ct);
            return true;
        }

        var hash = RoomAffiliationRow.HashOf(nick);
        try
        {
            return await database.WriteAsync(
                account,
                async session =>
                {
                    var id = await session.EnsureOwnerAsync(account, CancellationToken.None);
                    var holders = await session.GetTable<RoomNickRow>().Where(row => row.Service == service && row.NickHash == hash).Select(row => row.OwnerId).ToListAsync(CancellationToken.None);
                    if (holders is [var holder] && holder != id)
                    {
                        return false;
                    }

                    await session.RowsOf<RoomNickRow>(id).Where(row => row.Service == service).DeleteAsync(CancellationToken.None);
                    await session.AddAsync(new RoomNickRow { OwnerId = id, Service = service, NickHash = hash, Nick = nick }, CancellationToken.None);
                    return true;
                },
                ct);
        }
        catch (DbException e) when (database.Dialect.IsDuplicate(e))
        {
            return false; // somebody was quicker, where writers are not one after the other
        }
    }

    /// <inheritdoc/>
    public async ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct)
    {
        var hash = RoomAffiliationRow.HashOf(account.ToString());
        await database.WriteAsync(async session => await session.GetTable<RoomAffiliationRow>().Where(row => row.UserHash == hash).DeleteAsync(CancellationToken.None), ct);
        await database.RemoveRowsOfAsync<RoomNickRow>(account, ct);
    }

    /// <inheritdoc/>
    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        await database.WriteAsync(async session => await session.GetTable<RoomAffiliationRow>().Where(row => row.UserDomain == domain).DeleteAsync(CancellationToken.None), ct);
        await database.RemoveRowsInAsync<RoomNickRow>(domain, ct);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        var nicks = await database.RowsOfAsync<RoomNickRow>(account, ct);
        foreach (var section in RoomExport.Of(await AffiliationsAsync(account, ct), [.. nicks.Select(row => (row.Service, row.Nick))]))
        {
            yield return section;
        }
    }

    private async ValueTask<IReadOnlyList<(BareJid Room, StoredAffiliation Entry)>> AffiliationsAsync(BareJid account, CancellationToken ct)
    {
        var hash = RoomAffiliationRow.HashOf(account.ToString());
        var rows = await database.ReadAsync(
            async session => await session.GetTable<RoomAffiliationRow>().Where(row => row.UserHash == hash)
                .Join(session.GetTable<OwnerRow>(), row => row.OwnerId, owner => owner.Id, (row, owner) => new { owner.Localpart, owner.Domain, Row = row }).ToListAsync(ct),
            ct);
        return [.. rows.Select(row => (BareJid.Parse($"{row.Localpart}@{row.Domain}"), row.Row.ToEntry())).OrderBy(entry => entry.Item1.ToString(), StringComparer.Ordinal)];
    }

    private static Task<bool> WasRemovedBehindAsync(SqlSession session, long room, long epoch) =>
        session.RowsOf<RemovedRoomRow>(room).AnyAsync(row => row.Epoch > epoch, CancellationToken.None);

    private static XmlElement Parse(byte[] xml) => XmlElement.Parse(xml, "", XmlLimits.Unlimited);
}
