using Meerkat.Modules.Mam;

namespace Meerkat.Storage.Cassandra.Mam;

/// <summary>Archives of accounts in Cassandra.</summary>
/// <param name="session">The cluster.</param>
/// <param name="time">The clock.</param>
public sealed class CassandraAccountArchiveStore(ICqlSession session, TimeProvider time) : CassandraArchive(session, time, "archive", hasSenders: false), IAccountArchiveStore;
