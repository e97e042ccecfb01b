using Meerkat.Conformance.Mam;

namespace Meerkat.Storage.Cassandra.Tests.Mam;

[OnDouble]
public sealed class DoubleAccountArchiveStoreTests : AccountArchiveStoreSuite;

[OnCassandra]
public sealed class CassandraAccountArchiveStoreTests : AccountArchiveStoreSuite;

[OnDouble]
public sealed class DoubleRoomArchiveStoreTests : RoomArchiveStoreSuite;

[OnCassandra]
public sealed class CassandraRoomArchiveStoreTests : RoomArchiveStoreSuite;

[OnDouble]
public sealed class DoubleArchivePreferenceStoreTests : ArchivePreferenceStoreSuite;

[OnCassandra]
public sealed class CassandraArchivePreferenceStoreTests : ArchivePreferenceStoreSuite;
