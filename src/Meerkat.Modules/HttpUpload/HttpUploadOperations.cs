using System.Security.Cryptography;
using Meerkat.Core.Http;
using Meerkat.Xmpp;

namespace Meerkat.Modules.HttpUpload;

/// <summary>What an administrator may do with uploads: make slots. Clients' slots are made here too.</summary>
/// <remarks>Safe for concurrent use. HUP-004.</remarks>
public sealed class HttpUploadOperations
{
    private readonly HttpUploadOptions _options;
    private readonly S3Slots? _s3;
    private readonly DiskSlots? _disk;

    internal HttpUploadOperations(HttpUploadOptions options, IUploadStore? store, IHttpEndpoints http, TimeProvider time)
    {
        _options = options;
        _s3 = options.EffectiveBackend is UploadBackend.S3 ? new S3Slots(options.S3!, time) : null;
        _disk = _s3 is null ? new DiskSlots(store ?? throw new InvalidOperationException("mod_http_upload: nobody offers IUploadStore"), options.Disk.Url, http, time) : null;
    }

    /// <summary>The largest file, in bytes; null for any.</summary>
    public long? MaxFileSize => _options.MaxFileSize;

    internal DiskSlots? Disk => _disk;

    /// <summary>Makes a slot.</summary>
    /// <param name="owner">Whose file it will be: an account, or a domain.</param>
    /// <param name="file">The file.</param>
    /// <param name="lifetime">How long the slot takes it; null for <see cref="HttpUploadOptions.ExpirationTime"/>.</param>
    public UploadSlot GetUrl(BareJid owner, UploadRequest file, TimeSpan? lifetime = null)
    {
        var token = RandomNumberGenerator.GetHexString(_options.TokenBytes * 2, lowercase: true);
        return _s3?.Create(token, file, lifetime ?? _options.ExpirationTime) ?? _disk!.Create(owner, token, file, lifetime ?? _options.ExpirationTime);
    }
}
