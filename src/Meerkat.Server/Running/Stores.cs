using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Modules.HttpUpload;
using Meerkat.Storage.Sql;

namespace Meerkat.Server.Running;

/// <summary>Where modules keep what they keep: in the database, or, files, in a folder.</summary>
/// <param name="sql">Stores in the database.</param>
/// <param name="folder">The data folder.</param>
internal sealed class Stores(SqlStores sql, DataFolder folder) : IStoreProvider
{
    /// <inheritdoc/>
    public object? Create(Type contract, HostType host, object? options)
    {
        if (contract != typeof(IUploadStore) || options is not HttpUploadOptions upload)
        {
            return sql.Create(contract, host, options);
        }

        var below = upload.Disk.Folder is { } configured ? Path.GetFullPath(configured, folder.Path) : folder.Uploads;
        return new DiskUploadStore(Path.Combine(below, host.Name), upload.Disk, host.Server.Time);
    }
}
