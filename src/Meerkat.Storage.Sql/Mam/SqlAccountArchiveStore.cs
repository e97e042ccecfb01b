using Meerkat.Modules.Mam;

namespace Meerkat.Storage.Sql.Mam;

/// <summary>Archives of accounts in a SQL database.</summary>
public sealed class SqlAccountArchiveStore(SqlDatabase database) : SqlArchive(database, "archive_message"), IAccountArchiveStore;
