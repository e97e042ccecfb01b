using Meerkat.Modules.Mam;
using Meerkat.Storage.Cassandra.Mam;

namespace Meerkat.Storage.Cassandra;

/// <summary>Makes the stores of this project by their contract.</summary>
/// <param name="time">The clock.</param>
public sealed class CassandraStores(TimeProvider time)
{
    /// <summary>The contracts that there are stores for.</summary>
    public static IReadOnlyList<Type> Contracts { get; } = [typeof(IAccountArchiveStore), typeof(IRoomArchiveStore), typeof(IArchivePreferenceStore), typeof(IRoomArchivePreferenceStore)];

    /// <summary>A store on a cluster; null where there is none for the contract.</summary>
    public object? Create(Type contract, ICqlSession session) =>
        contract == typeof(IAccountArchiveStore) ? new CassandraAccountArchiveStore(session, time)
        : contract == typeof(IRoomArchiveStore) ? new CassandraRoomArchiveStore(session, time)
        : contract == typeof(IArchivePreferenceStore) || contract == typeof(IRoomArchivePreferenceStore) ? new CassandraArchivePreferenceStore(session)
        : null;
}
