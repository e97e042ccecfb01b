using LinqToDB;
using LinqToDB.Async;
using LinqToDB.Data;
using Meerkat.Core.Domains;

namespace Meerkat.Storage.Sql.Domains;

/// <summary>Domains that are added while the server runs, in a SQL database.</summary>
/// <remarks>Every change first locks the one row of <c>domain_clock</c>: changes of all processes take place one after the other, so that events can be numbered without gaps in the order of the commits.</remarks>
/// <param name="database">Where.</param>
/// <param name="time">The clock: events are forgotten by their age.</param>
public sealed class SqlDomainStore(SqlDatabase database, TimeProvider time) : IDomainStore
{
    /// <inheritdoc/>
    public ValueTask<DomainRecord?> FindAsync(string domain, CancellationToken ct) => database.ReadAsync(session => FindAsync(session, domain), ct);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<DomainRecord>> ListAsync(string? after, int limit, CancellationToken ct)
    {
        var rows = await database.ReadAsync(
            async session =>
            {
                IQueryable<DomainRow> domains = session.GetTable<DomainRow>();
                if (after is not null)
                {
                    domains = domains.Where(domain => string.CompareOrdinal(domain.Domain, after) > 0);
                }

                return await domains.OrderBy(domain => domain.Domain).Take(limit).ToListAsync(ct);
            },
            ct);
        return [.. rows.Select(row => row.ToRecord())];
    }

    /// <inheritdoc/>
    public ValueTask<bool> AddAsync(string domain, string hostType, CancellationToken ct) => ChangeAsync<bool>(
        domain,
        async session =>
        {
            if (await FindAsync(session, domain) is not null)
            {
                return (false, false);
            }

            await session.InsertAsync(new DomainRow { Domain = domain, HostType = hostType, Status = (short)DomainStatus.Enabled }, token: CancellationToken.None);
            return (true, true);
        },
        ct);

    /// <inheritdoc/>
    public ValueTask<DomainRecord?> SetStatusAsync(string domain, string? hostType, DomainStatus status, CancellationToken ct) => ChangeAsync<DomainRecord?>(
        domain,
        async session =>
        {
            var record = await FindAsync(session, domain);
            if (record is null or { Status: DomainStatus.Deleting } || record.Status == status || (hostType is not null && hostType != record.HostType))
            {
                return (record, false);
            }

            await session.GetTable<DomainRow>().Where(row => row.Id == record.Id).Set(row => row.Status, (short)status).UpdateAsync(CancellationToken.None);
            return (record with { Status = status }, true);
        },
        ct);

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAsync(DomainRecord record, CancellationToken ct) => ChangeAsync<bool>(
        record.Domain,
        async session =>
        {
            var removed = await session.GetTable<DomainRow>().Where(row => row.Id == record.Id && row.Status == (short)DomainStatus.Deleting).DeleteAsync(CancellationToken.None) > 0;
            return (removed, removed);
        },
        ct);

    /// <inheritdoc/>
    public ValueTask<DomainNews> ReadEventsAsync(long after, int limit, CancellationToken ct) => database.ReadAsync(
        async session =>
        {
            var last = await session.GetTable<DomainClockRow>().Select(clock => clock.Last).SingleAsync(ct);
            if (after < 0 || after == last)
            {
                return new DomainNews(last, true, []);
            }

            var end = after + limit;
            var rows = await (
                from told in session.GetTable<DomainEventRow>()
                join domain in session.GetTable<DomainRow>() on told.Domain equals domain.Domain into found
                from domain in found.DefaultIfEmpty()
                where told.Id > after && told.Id <= end
                orderby told.Id
                select new { told.Id, told.Domain, DomainId = (long?)domain.Id, domain.HostType, Status = (short?)domain.Status }).ToListAsync(ct);
            var isComplete = after < last && rows is [{ Id: var first }, ..] && first == after + 1;
            return new DomainNews(
                last,
                isComplete,
                isComplete ? [.. rows.Select(row => new DomainEvent(row.Id, row.Domain, row.DomainId is { } id ? new DomainRecord(id, row.Domain, row.HostType, (DomainStatus)row.Status!.Value) : null))] : []);
        },
        ct);

    /// <inheritdoc/>
    public ValueTask<int> RemoveEventsAsync(DateTimeOffset before, CancellationToken ct)
    {
        var oldest = before.ToUnixTimeMilliseconds();
        return database.WriteAsync(async session => await session.GetTable<DomainEventRow>().Where(told => told.Created < oldest).DeleteAsync(CancellationToken.None), ct);
    }

    private static async ValueTask<DomainRecord?> FindAsync(SqlSession session, string domain) =>
        (await session.GetTable<DomainRow>().Where(row => row.Domain == domain).ToListAsync(CancellationToken.None)) is [var row] ? row.ToRecord() : null;

    // A change that says it has changed something is told.
    private ValueTask<T> ChangeAsync<T>(string domain, Func<SqlSession, ValueTask<(T Result, bool Changed)>> change, CancellationToken ct) => database.WriteAsync(
        async session =>
        {
            var last = (await session.QueryToListAsync<long>("SELECT last_event FROM domain_clock" + database.Dialect.LockRow, CancellationToken.None))[0];
            var (result, changed) = await change(session);
            if (changed)
            {
                await session.ExecuteAsync("UPDATE domain_clock SET last_event = @last_event", CancellationToken.None, new DataParameter("last_event", last + 1));
                await session.AddAsync(new DomainEventRow { Id = last + 1, Domain = domain, Created = time.GetUtcNow().ToUnixTimeMilliseconds() }, CancellationToken.None);
            }

            return result;
        },
        ct);
}
