using LinqToDB;
using LinqToDB.Mapping;
using Meerkat.Modules.Mam;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Mam;

/// <summary>What owners want archived, in a SQL database: a row for each who has said so.</summary>
public sealed class SqlArchivePreferenceStore(SqlDatabase database) : IRoomArchivePreferenceStore
{
    /// <inheritdoc/>
    public async ValueTask<ArchivePreferences?> GetAsync(BareJid owner, CancellationToken ct) =>
        await database.RowsOfAsync<PreferenceRow>(owner, ct) is [var row] ? row.ToPreferences() : null;

    /// <inheritdoc/>
    public async ValueTask SetAsync(BareJid owner, ArchivePreferences preferences, CancellationToken ct) =>
        await database.WriteAsync(
            owner,
            async session =>
            {
                var id = await session.EnsureOwnerAsync(owner, CancellationToken.None);
                await session.RowsOf<PreferenceRow>(id).DeleteAsync(CancellationToken.None);
                return await session.AddAsync(PreferenceRow.Of(id, preferences), CancellationToken.None);
            },
            ct);

    /// <inheritdoc/>
    public async ValueTask RemoveAsync(BareJid owner, CancellationToken ct) => await database.RemoveRowsOfAsync<PreferenceRow>(owner, ct);

    /// <inheritdoc/>
    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct) => await database.RemoveRowsInAsync<PreferenceRow>(domain, ct);

    [Table("archive_preference")]
    private sealed class PreferenceRow : IOwnedRow
    {
        [Column("owner_id"), PrimaryKey]
        public long OwnerId { get; init; }

        /// <summary>An <see cref="ArchiveDefault"/>.</summary>
        [Column("behaviour"), NotNull]
        public short Behaviour { get; init; }

        /// <summary>JIDs, a line each: a prepared JID has no line feed.</summary>
        [Column("always_jids"), NotNull]
        public string Always { get; init; } = "";

        /// <summary>As <see cref="Always"/>.</summary>
        [Column("never_jids"), NotNull]
        public string Never { get; init; } = "";

        public static PreferenceRow Of(long owner, ArchivePreferences preferences) => new()
        {
            OwnerId = owner,
            Behaviour = (short)preferences.Default,
            Always = string.Join('\n', preferences.Always),
            Never = string.Join('\n', preferences.Never),
        };

        public ArchivePreferences ToPreferences() => new((ArchiveDefault)Behaviour, Jids(Always), Jids(Never));

        private static Jid[] Jids(string lines) => lines.Length == 0 ? [] : [.. lines.Split('\n').Select(Jid.Parse)];
    }
}
