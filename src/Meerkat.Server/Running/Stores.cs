using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Modules.HttpUpload;
using Meerkat.Modules.Mam;
using Meerkat.Storage.Cassandra;
using Meerkat.Storage.Sql;

namespace Meerkat.Server.Running;

/// <summary>Where modules keep what they keep: in the database, archives where their options say, and files in a folder.</summary>
/// <param name="sql">Stores in the database.</param>
/// <param name="cassandra">Stores in Cassandra.</param>
/// <param name="clusters">The clusters.</param>
/// <param name="folder">The data folder.</param>
internal sealed class Stores(SqlStores sql, CassandraStores cassandra, CassandraClusters clusters, DataFolder folder) : IStoreProvider
{
    /// <inheritdoc/>
    public object? Create(Type contract, HostType host, object? options)
    {
        if (options is MamOptions mam && CassandraStores.Contracts.Contains(contract))
        {
            return IsInCassandra(contract, mam) ? cassandra.Create(contract, clusters.For(host.Name)) : sql.Create(contract, host.Name, isPooled: !IsEmbedded(contract, mam));
        }

        if (contract != typeof(IUploadStore) || options is not HttpUploadOptions upload)
        {
            return sql.Create(contract, host, options);
        }

        var below = upload.Disk.Folder is { } configured ? Path.GetFullPath(configured, folder.Path) : folder.Uploads;
        return new DiskUploadStore(Path.Combine(below, FolderOf(host.Name)), upload.Disk, host.Server.Time);
    }

    // The name of a host type is any text. That of a host is a domain, and stands for itself.
    private static string FolderOf(string hostType) =>
        hostType.All(c => c is '.' or '-' || char.IsLetterOrDigit(c)) && !hostType.StartsWith('.') ? hostType : $"type-{Uri.EscapeDataString(hostType)}";

    // A contract of a section that is not there is asked for all the same, and never used: it opens nothing that nobody else uses.
    private static bool IsInCassandra(Type contract, MamOptions mam) =>
        contract == typeof(IAccountArchiveStore) ? mam.Pm is { } pm && mam.BackendOf(pm) is ArchiveBackend.Cassandra
        : contract == typeof(IRoomArchiveStore) ? mam.Muc is { } muc && mam.BackendOf(muc) is ArchiveBackend.Cassandra
        : Section(contract, mam) is { } section && mam.PreferencesOf(section) is PreferenceBackend.Cassandra;

    private static bool IsEmbedded(Type contract, MamOptions mam) =>
        (contract == typeof(IArchivePreferenceStore) || contract == typeof(IRoomArchivePreferenceStore)) && mam.PreferencesOf(Section(contract, mam)) is PreferenceBackend.Mnesia;

    private static MamSharedOptions? Section(Type contract, MamOptions mam) => contract == typeof(IArchivePreferenceStore) ? mam.Pm : mam.Muc;
}
