using System.Data.Common;
using LinqToDB;
using LinqToDB.Async;
using LinqToDB.Data;
using Meerkat.Core.Cluster;

namespace Meerkat.Storage.Sql.Members;

/// <summary>The nodes of clusters in a SQL database.</summary>
/// <remarks>Every change first locks the one row that its cluster has in <c>cluster_table</c>.</remarks>
/// <param name="database">Where.</param>
public sealed class SqlMemberStore(SqlDatabase database) : IMemberStore
{
    private const int MaxNumber = byte.MaxValue;

    /// <inheritdoc/>
    public async ValueTask<MemberTable> ReadAsync(string cluster, CancellationToken ct)
    {
        // One statement: version and rows of one moment, whatever the isolation.
        var rows = await database.ReadAsync(
            async session => await (
                from table in session.GetTable<MemberTableRow>()
                join member in session.GetTable<MemberRow>() on table.Cluster equals member.Cluster into found
                from member in found.DefaultIfEmpty()
                where table.Cluster == cluster
                select new { table.Version, Member = member }).ToListAsync(ct),
            ct);
        return rows is [] ? new MemberTable(0, []) : new MemberTable(rows[0].Version, [.. rows.Where(row => row.Member is { Address.Length: > 0 }).Select(row => row.Member.ToRecord())]);
    }

    /// <inheritdoc/>
    public ValueTask<bool> AddAsync(string cluster, MemberRecord member, long version, CancellationToken ct) => ChangeAsync(
        cluster,
        version,
        async session =>
        {
            if (await session.GetTable<MemberRow>().AnyAsync(row => row.Cluster == cluster && row.Address == member.Address, CancellationToken.None))
            {
                return false;
            }

            await session.AddAsync(MemberRow.Of(cluster, member, version + 1), CancellationToken.None);
            return true;
        },
        ct);

    /// <inheritdoc/>
    public ValueTask<bool> UpdateAsync(string cluster, MemberRecord member, long version, CancellationToken ct) => ChangeAsync(
        cluster,
        version,
        async session =>
        {
            if (!await session.GetTable<MemberRow>().AnyAsync(row => row.Cluster == cluster && row.Address == member.Address && row.Revision == member.Revision, CancellationToken.None))
            {
                return false;
            }

            await session.UpdateAsync(MemberRow.Of(cluster, member, version + 1), token: CancellationToken.None);
            return true;
        },
        ct);

    /// <inheritdoc/>
    public async ValueTask TouchAsync(string cluster, string address, DateTimeOffset alive, CancellationToken ct)
    {
        var stamp = alive.ToUnixTimeMilliseconds();
        await database.WriteAsync(
            async session => await session.GetTable<MemberRow>().Where(row => row.Cluster == cluster && row.Address == address).Set(row => row.Alive, stamp).UpdateAsync(CancellationToken.None), ct);
    }

    /// <inheritdoc/>
    public ValueTask<int> RemoveDeadAsync(string cluster, DateTimeOffset before, CancellationToken ct)
    {
        var oldest = before.ToUnixTimeMilliseconds();
        return database.WriteAsync(
            async session => await session.GetTable<MemberRow>().Where(row => row.Cluster == cluster && row.IsDead == 1 && row.Alive < oldest).DeleteAsync(CancellationToken.None), ct);
    }

    /// <inheritdoc/>
    public ValueTask<int> RemoveDeadAsync(string cluster, string node, CancellationToken ct) => database.WriteAsync(
        async session => await session.GetTable<MemberRow>().Where(row => row.Cluster == cluster && row.IsDead == 1 && row.Node == node).DeleteAsync(CancellationToken.None), ct);

    /// <inheritdoc/>
    public async ValueTask ClearAsync(string cluster, CancellationToken ct) => await database.WriteAsync(
        async session =>
        {
            await LockAsync(session, cluster);
            await session.GetTable<MemberRow>().Where(row => row.Cluster == cluster).DeleteAsync(CancellationToken.None);
            await session.GetTable<MemberNumberRow>().Where(row => row.Cluster == cluster).DeleteAsync(CancellationToken.None);
            return await session.GetTable<MemberTableRow>().Where(row => row.Cluster == cluster).DeleteAsync(CancellationToken.None);
        },
        ct);

    /// <inheritdoc/>
    public async ValueTask<byte> NumberAsync(string cluster, string node, CancellationToken ct)
    {
        await EnsureAsync(cluster, ct);
        return await database.WriteAsync(
            async session =>
            {
                await LockAsync(session, cluster);
                var taken = await session.GetTable<MemberNumberRow>().Where(row => row.Cluster == cluster).ToListAsync(CancellationToken.None);
                if (taken.Find(row => row.Node == node) is { } own)
                {
                    return (byte)own.Number;
                }

                var numbers = taken.Select(row => (int)row.Number).ToHashSet();
                var free = Enumerable.Range(1, MaxNumber).FirstOrDefault(number => !numbers.Contains(number));
                if (free == 0)
                {
                    throw new InvalidOperationException(MemoryMemberStore.NoNumber(cluster));
                }

                await session.AddAsync(new MemberNumberRow { Cluster = cluster, Node = node, Number = (short)free }, CancellationToken.None);
                return (byte)free;
            },
            ct);
    }

    /// <inheritdoc/>
    public async ValueTask<bool> ForgetAsync(string cluster, string node, CancellationToken ct) => await database.WriteAsync(
        async session => await session.GetTable<MemberNumberRow>().Where(row => row.Cluster == cluster && row.Node == node).DeleteAsync(CancellationToken.None), ct) > 0;

    private async ValueTask<bool> ChangeAsync(string cluster, long version, Func<SqlSession, ValueTask<bool>> change, CancellationToken ct)
    {
        await EnsureAsync(cluster, ct);
        return await database.WriteAsync(
            async session =>
            {
                if (await LockAsync(session, cluster) != version || !await change(session))
                {
                    return false;
                }

                return await session.GetTable<MemberTableRow>().Where(row => row.Cluster == cluster).Set(row => row.Version, version + 1).UpdateAsync(CancellationToken.None) > 0;
            },
            ct);
    }

    private async Task<long> LockAsync(SqlSession session, string cluster) =>
        await session.QueryToListAsync<long>("SELECT version FROM cluster_table WHERE cluster = @cluster" + database.Dialect.LockRow, CancellationToken.None, new DataParameter("cluster", cluster)) is [var version] ? version : -1;

    // There has to be a row that can be locked. Rows of clusters are few, and looked for before they are added.
    private async ValueTask EnsureAsync(string cluster, CancellationToken ct)
    {
        if (await database.ReadAsync(async session => await session.GetTable<MemberTableRow>().AnyAsync(row => row.Cluster == cluster, ct), ct))
        {
            return;
        }

        try
        {
            await database.WriteAsync(async session => await session.AddAsync(new MemberTableRow { Cluster = cluster }, CancellationToken.None), ct);
        }
        catch (DbException there) when (database.Dialect.IsDuplicate(there))
        {
            // Another node was quicker.
        }
    }
}
