using System.Data.Common;
using System.Runtime.CompilerServices;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.Data;
using LinqToDB.Mapping;
using Meerkat.Core.Storage;
using Meerkat.Modules.MucLight;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.MucLight;

/// <summary>Light rooms in a SQL database. A room is read for every message, in SQL that all dialects share; a write of it is one transaction, which the version in its row guards.</summary>
public sealed class SqlMucLightStore(SqlDatabase database) : IMucLightStore
{
    private const string RoomText =
        "SELECT r.owner_id, r.version, r.configuration, r.folded_name FROM owner o JOIN muc_light_room r ON r.owner_id = o.id WHERE o.domain = @domain AND o.localpart = @localpart";

    private const string OccupantsText =
        "SELECT o.domain, o.localpart, m.affiliation FROM muc_light_occupant m JOIN owner o ON o.id = m.user_id WHERE m.owner_id = @room";

    private static readonly CancellationToken None = CancellationToken.None;

    /// <inheritdoc/>
    public ValueTask<MucLightRoom?> FindAsync(BareJid room, CancellationToken ct) =>
        database.ReadAsync(
            async session =>
            {
                var heads = await session.QueryToListAsync<MucLightRoomRow>(RoomText, ct, new DataParameter("domain", room.Domain), new DataParameter("localpart", room.Local!));
                if (heads is not [var head])
                {
                    return null;
                }

                var rows = await session.QueryToListAsync<OccupantName>(OccupantsText, ct, new DataParameter("room", head.OwnerId));
                return new MucLightRoom(room, head.Version, MucLightRoomRow.Read(head.Configuration), OccupantList.Of(rows.Select(row => row.ToOccupant())));
            },
            ct);

    /// <inheritdoc/>
    public async ValueTask<bool> TryCreateAsync(MucLightRoom room, CancellationToken ct)
    {
        try
        {
            return await database.WriteAsync(
                async session =>
                {
                    var id = await session.EnsureOwnerAsync(room.Jid, None);
                    await session.AddAsync(MucLightRoomRow.From(id, room), None);
                    await AddAsync(session, id, room.Occupants);
                    return true;
                },
                ct);
        }
        catch (DbException e) when (database.Dialect.IsDuplicate(e))
        {
            return false; // outside of the transaction, which the failure has ended on some databases
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryUpdateAsync(MucLightRoom before, MucLightRoom after, CancellationToken ct)
    {
        var changed = after.Occupants.Where(occupant => before.Occupants.Find(occupant.Jid) != occupant.Affiliation).ToArray();
        var gone = before.Occupants.Where(occupant => after.Occupants.Find(occupant.Jid) is MucLightAffiliation.None).Concat(changed).Select(occupant => occupant.Jid).ToArray();
        return database.WriteAsync(
            async session =>
            {
                if (await session.FindOwnerAsync(before.Jid, None) is not { } id)
                {
                    return false;
                }

                var row = MucLightRoomRow.From(id, after);
                var written = await session.RowsOf<MucLightRoomRow>(id)
                    .Where(r => r.Version == before.Version)
                    .Set(r => r.Version, row.Version)
                    .Set(r => r.Configuration, row.Configuration)
                    .Set(r => r.FoldedName, row.FoldedName)
                    .UpdateAsync(None);
                if (written == 0)
                {
                    return false;
                }

                foreach (var user in gone)
                {
                    if (await session.FindOwnerAsync(user, None) is { } userId)
                    {
                        await session.RowsOf<MucLightOccupantRow>(id).Where(r => r.UserId == userId).DeleteAsync(None);
                    }
                }

                await AddAsync(session, id, changed);
                return true;
            },
            ct);
    }

    /// <inheritdoc/>
    public ValueTask<bool> TryRemoveAsync(MucLightRoom room, CancellationToken ct) =>
        database.WriteAsync(
            async session =>
            {
                if (await session.FindOwnerAsync(room.Jid, None) is not { } id || await session.RowsOf<MucLightRoomRow>(id).Where(r => r.Version == room.Version).DeleteAsync(None) == 0)
                {
                    return false;
                }

                await session.RowsOf<MucLightOccupantRow>(id).DeleteAsync(None);
                return true;
            },
            ct);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<MucLightMembership>> ListAsync(BareJid user, string? service, CancellationToken ct)
    {
        var rows = await database.ReadAsync(
            async session =>
            {
                if (await session.FindOwnerAsync(user, ct) is not { } id)
                {
                    return [];
                }

                var found =
                    from occupant in session.GetTable<MucLightOccupantRow>()
                    join head in session.GetTable<MucLightRoomRow>() on occupant.OwnerId equals head.OwnerId
                    join room in session.GetTable<OwnerRow>() on occupant.OwnerId equals room.Id
                    where occupant.UserId == id
                    select new { room.Domain, room.Localpart, head.Version, head.Configuration, occupant.Affiliation };
                return await (service is null ? found : found.Where(row => row.Domain == service)).ToListAsync(ct);
            },
            ct);
        return
        [
            .. rows
                .Select(row => new MucLightMembership(Address(row.Localpart, row.Domain), row.Version, MucLightRoomRow.Read(row.Configuration), (MucLightAffiliation)row.Affiliation))
                .OrderBy(row => row.Room, Comparer<BareJid>.Create((a, b) => a.Utf8.SequenceCompareTo(b.Utf8))),
        ];
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyDictionary<BareJid, int>> CountAsync(IReadOnlyList<BareJid> users, string service, CancellationToken ct)
    {
        var names = users.Select(user => user.Local ?? "").Distinct().ToArray();
        var domains = users.Select(user => user.Domain).Distinct().ToArray();
        var rows = await database.ReadAsync(
            async session =>
            {
                // Whoever has the name of one and the domain of another is counted too, and left out below.
                var found =
                    from user in session.GetTable<OwnerRow>()
                    join occupant in session.GetTable<MucLightOccupantRow>() on user.Id equals occupant.UserId
                    join room in session.GetTable<OwnerRow>() on occupant.OwnerId equals room.Id
                    where domains.Contains(user.Domain) && names.Contains(user.Localpart) && room.Domain == service
                    group occupant by new { user.Domain, user.Localpart } into own
                    select new { own.Key.Domain, own.Key.Localpart, Count = own.Count() };
                return await found.ToListAsync(ct);
            },
            ct);
        var asked = users.ToHashSet();
        return rows.Select(row => (User: Address(row.Localpart, row.Domain), row.Count)).Where(row => asked.Contains(row.User)).ToDictionary(row => row.User, row => row.Count);
    }

    /// <inheritdoc/>
    public ValueTask<MucLightPage> SearchAsync(string service, string filter, BareJid? after, int limit, CancellationToken ct)
    {
        var folded = filter.ToLowerInvariant();
        var localpart = after?.Local ?? "";
        return database.ReadAsync(
            async session =>
            {
                var all =
                    from room in session.GetTable<OwnerRow>()
                    join head in session.GetTable<MucLightRoomRow>() on room.Id equals head.OwnerId
                    where room.Domain == service
                    select new { room.Localpart, head.OwnerId, head.Configuration, head.FoldedName };
                if (folded.Length > 0)
                {
                    all = all.Where(room => room.Localpart.Contains(folded) || room.FoldedName.Contains(folded));
                }

                var count = await all.CountAsync(ct);
                var rest = await (localpart.Length == 0 ? all : all.Where(room => string.CompareOrdinal(room.Localpart, localpart) > 0)).OrderBy(room => room.Localpart).Take(limit + 1).ToListAsync(ct);
                var shown = rest.Take(limit).ToArray();
                var ids = shown.Select(room => room.OwnerId).ToArray();
                var occupants = await session.GetTable<MucLightOccupantRow>()
                    .Where(occupant => ids.Contains(occupant.OwnerId))
                    .GroupBy(occupant => occupant.OwnerId)
                    .Select(group => new { group.Key, Count = group.Count() })
                    .ToListAsync(ct);
                var counts = occupants.ToDictionary(counted => counted.Key, counted => counted.Count);
                return new MucLightPage(
                    [.. shown.Select(room => new MucLightSummary(Address(room.Localpart, service), MucLightRoomRow.Read(room.Configuration), counts.GetValueOrDefault(room.OwnerId)))],
                    count,
                    rest.Count > limit);
            },
            ct);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<MucLightBlock>> GetBlockingAsync(BareJid user, CancellationToken ct)
    {
        var rows = await database.RowsOfAsync<MucLightBlockRow>(user, ct);
        return
        [
            .. rows
                .Select(row => new MucLightBlock(row.IsRoom != 0, BareJid.Parse(row.Blocked)))
                .OrderBy(block => block.IsRoom)
                .ThenBy(block => block.Jid, Comparer<BareJid>.Create((a, b) => a.Utf8.SequenceCompareTo(b.Utf8))),
        ];
    }

    /// <inheritdoc/>
    public async ValueTask SetBlockingAsync(BareJid user, IReadOnlyList<(MucLightBlock Block, bool IsDenied)> changes, CancellationToken ct) =>
        await database.WriteAsync(
            async session =>
            {
                var id = await session.EnsureOwnerAsync(user, None);
                foreach (var (block, isDenied) in changes)
                {
                    var (isRoom, blocked) = (block.IsRoom ? 1 : 0, block.Jid.ToString());
                    await session.RowsOf<MucLightBlockRow>(id).Where(row => row.IsRoom == isRoom && row.Blocked == blocked).DeleteAsync(None);
                    if (isDenied)
                    {
                        await session.AddAsync(new MucLightBlockRow { OwnerId = id, IsRoom = isRoom, Blocked = blocked }, None);
                    }
                }

                return changes.Count;
            },
            ct);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlySet<BareJid>> FindBlockersAsync(IReadOnlyList<BareJid> users, IReadOnlyList<MucLightBlock> blocked, CancellationToken ct)
    {
        var names = users.Select(user => user.Local ?? "").Distinct().ToArray();
        var domains = users.Select(user => user.Domain).Distinct().ToArray();
        var what = blocked.Select(block => block.Jid.ToString()).Distinct().ToArray();
        var rows = await database.ReadAsync(
            async session =>
            {
                var found =
                    from user in session.GetTable<OwnerRow>()
                    join block in session.GetTable<MucLightBlockRow>() on user.Id equals block.OwnerId
                    where domains.Contains(user.Domain) && names.Contains(user.Localpart) && what.Contains(block.Blocked)
                    select new { user.Domain, user.Localpart, block.IsRoom, block.Blocked };
                return await found.ToListAsync(ct);
            },
            ct);
        var asked = users.ToHashSet();
        return rows
            .Where(row => blocked.Any(block => block.IsRoom == (row.IsRoom != 0) && block.Jid.ToString() == row.Blocked))
            .Select(row => Address(row.Localpart, row.Domain))
            .Where(asked.Contains)
            .ToHashSet();
    }

    /// <inheritdoc/>
    public async ValueTask RemoveServiceAsync(string service, CancellationToken ct)
    {
        await database.RemoveRowsInAsync<MucLightOccupantRow>(service, ct);
        await database.RemoveRowsInAsync<MucLightRoomRow>(service, ct);
    }

    /// <inheritdoc/>
    public async ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct)
    {
        await database.RemoveRowsOfAsync<MucLightBlockRow>(account, ct);
        await database.WriteAsync(
            async session => await session.FindOwnerAsync(account, None) is { } id ? await session.GetTable<MucLightOccupantRow>().Where(row => row.UserId == id).DeleteAsync(None) : 0, ct);
    }

    /// <inheritdoc/>
    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        await database.RemoveRowsInAsync<MucLightBlockRow>(domain, ct);
        await database.WriteAsync(
            async session =>
            {
                var users = session.GetTable<OwnerRow>().Where(owner => owner.Domain == domain).Select(owner => owner.Id);
                return await session.GetTable<MucLightOccupantRow>().Where(row => users.Contains(row.UserId)).DeleteAsync(None);
            },
            ct);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var section in MucLightExport.Sections(await ListAsync(account, null, ct), await GetBlockingAsync(account, ct)))
        {
            yield return section;
        }
    }

    private static async ValueTask AddAsync(SqlSession session, long room, IEnumerable<MucLightOccupant> occupants)
    {
        foreach (var occupant in occupants)
        {
            var user = await session.EnsureOwnerAsync(occupant.Jid, None);
            await session.AddAsync(new MucLightOccupantRow { OwnerId = room, UserId = user, Affiliation = (int)occupant.Affiliation }, None);
        }
    }

    private static BareJid Address(string localpart, string domain) =>
        BareJid.TryCreate(localpart.Length == 0 ? null : localpart, domain, out var jid) ? jid : throw new FormatException($"a stored address cannot be read: {localpart}@{domain}");

    private sealed class OccupantName
    {
        [Column("domain")]
        public string Domain { get; init; } = "";

        [Column("localpart")]
        public string Localpart { get; init; } = "";

        [Column("affiliation")]
        public int Affiliation { get; init; }

        public MucLightOccupant ToOccupant() => new(Address(Localpart, Domain), (MucLightAffiliation)Affiliation);
    }
}
