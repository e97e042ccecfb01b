using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.HttpUpload;

/// <summary>What became of a file that was to be kept.</summary>
public enum UploadOutcome
{
    /// <summary>It is kept, and survives a crash.</summary>
    Saved,

    /// <summary>There is one already: nothing was changed.</summary>
    Exists,

    /// <summary>The account's files take too much: nothing was kept.</summary>
    OverQuota,

    /// <summary>The content was shorter than was said: nothing was kept.</summary>
    TooShort,

    /// <summary>The content was longer than was said: nothing was kept.</summary>
    TooLong,
}

/// <summary>A file that is kept.</summary>
/// <param name="Name">Its name, for people.</param>
/// <param name="ContentType">Its media type; null when nobody named one.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Stored">When it was stored.</param>
public sealed record StoredUpload(string Name, string? ContentType, long Size, DateTimeOffset Stored);

/// <summary>Where uploaded files are kept, by the account that uploaded them and a random token.</summary>
/// <remarks>Safe for concurrent use. Keys are what <see cref="OwnerKey"/> and the module make: lower-case hexadecimal digits; anything else is not found.</remarks>
public interface IUploadStore : IAccountData
{
    /// <summary>A key of 32 random bytes, the same for as long as the store's content: it signs the addresses of uploads.</summary>
    ReadOnlySpan<byte> SigningKey { get; }

    /// <summary>Stands for an account in addresses, and does not tell who it is.</summary>
    string OwnerKey(BareJid owner);

    /// <summary>Whether a file of a size would still fit into an account's quota.</summary>
    ValueTask<bool> FitsAsync(BareJid owner, long size, CancellationToken ct);

    /// <summary>Keeps a file, whole or not at all.</summary>
    /// <param name="owner">Key of the owner.</param>
    /// <param name="token">The token.</param>
    /// <param name="file">What it is; <c>Stored</c> is set by the store.</param>
    /// <param name="content">Its content.</param>
    /// <param name="ct">Gives up: nothing is kept.</param>
    ValueTask<UploadOutcome> SaveAsync(string owner, string token, StoredUpload file, Stream content, CancellationToken ct);

    /// <summary>Opens a file.</summary>
    /// <returns>What it is and its content, seekable, the caller's to dispose; null when there is none, or when it is too old.</returns>
    ValueTask<(StoredUpload File, Stream Content)?> OpenAsync(string owner, string token, CancellationToken ct);

    /// <summary>Removes a file.</summary>
    /// <returns>Whether there was one.</returns>
    ValueTask<bool> RemoveAsync(string owner, string token, CancellationToken ct);

    /// <summary>Removes what is too old.</summary>
    /// <returns>How many files that were.</returns>
    ValueTask<int> SweepAsync(CancellationToken ct);
}
