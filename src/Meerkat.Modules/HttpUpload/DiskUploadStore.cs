using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.HttpUpload;

/// <summary>Files in a folder: one folder an account, in it two files an upload: <c>&lt;token&gt;</c> is the content and <c>&lt;token&gt;.json</c> says what it is.</summary>
/// <remarks>
/// No part of a path comes from a client but hexadecimal digits. A file that is being uploaded is <c>&lt;token&gt;.part</c>, of its whole length from the beginning, so that it
/// counts for the quota; it gets its name when it is on the disk.
/// </remarks>
/// <param name="folder">The folder; made when it is needed.</param>
/// <param name="options">Quota and age.</param>
/// <param name="time">The clock.</param>
public sealed class DiskUploadStore(string folder, DiskUploadOptions options, TimeProvider time) : IUploadStore
{
    private const string Part = ".part";
    private const string About = ".json";

    // An upload that nobody has written to for so long was left behind by a crash.
    private static readonly TimeSpan s_abandoned = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private byte[]? _key;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> SigningKey
    {
        get
        {
            lock (_gate)
            {
                return _key ??= OpenKey();
            }
        }
    }

    /// <inheritdoc/>
    public string OwnerKey(BareJid owner) => DomainKey(owner.Domain) + Hash(owner.ToString(), 12);

    /// <inheritdoc/>
    public ValueTask<bool> FitsAsync(BareJid owner, long size, CancellationToken ct) => new(options.Quota is not { } quota || Used(OwnerKey(owner)) + size <= quota);

    /// <inheritdoc/>
    public async ValueTask<UploadOutcome> SaveAsync(string owner, string token, StoredUpload file, Stream content, CancellationToken ct)
    {
        if (!IsKey(owner) || !IsKey(token))
        {
            return UploadOutcome.Exists;
        }

        var path = PathOf(owner, token);
        if (Reserve(owner, path, file.Size, out var target) is not UploadOutcome.Saved and var refused)
        {
            return refused;
        }

        var isSaved = false;
        try
        {
            await using (target)
            {
                if (await CopyAsync(content, target!, file.Size, ct) is not UploadOutcome.Saved and var cut)
                {
                    return cut;
                }

                target!.Flush(flushToDisk: true);
            }

            await WriteAboutAsync(path, file with { Stored = time.GetUtcNow() }, ct);
            File.Move(path + Part, path);
            isSaved = true;
            return UploadOutcome.Saved;
        }
        finally
        {
            if (!isSaved)
            {
                File.Delete(path + Part);
                File.Delete(path + About);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<(StoredUpload File, Stream Content)?> OpenAsync(string owner, string token, CancellationToken ct)
    {
        if (!IsKey(owner) || !IsKey(token) || await ReadAboutAsync(PathOf(owner, token), ct) is not { } file || IsTooOld(file.Stored))
        {
            return null;
        }

        try
        {
            return (file, new FileStream(PathOf(owner, token), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 16 * 1024, FileOptions.Asynchronous | FileOptions.SequentialScan));
        }
        catch (IOException)
        {
            return null; // not there yet, or not any more
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> RemoveAsync(string owner, string token, CancellationToken ct)
    {
        if (!IsKey(owner) || !IsKey(token) || !File.Exists(PathOf(owner, token)))
        {
            return new(false);
        }

        Remove(PathOf(owner, token));
        return new(true);
    }

    /// <inheritdoc/>
    public async ValueTask<int> SweepAsync(CancellationToken ct)
    {
        var removed = 0;
        foreach (var owner in Directory.Exists(folder) ? Directory.GetDirectories(folder) : [])
        {
            foreach (var path in Directory.GetFiles(owner, $"*{About}"))
            {
                ct.ThrowIfCancellationRequested();
                var content = path[..^About.Length];
                if (await ReadAboutAsync(content, ct) is { } file && IsTooOld(file.Stored))
                {
                    Remove(content);
                    removed++;
                }
            }

            foreach (var path in Directory.GetFiles(owner, $"*{Part}").Where(path => File.GetLastWriteTimeUtc(path) + s_abandoned < time.GetUtcNow().UtcDateTime))
            {
                File.Delete(path);
            }
        }

        return removed;
    }

    /// <inheritdoc/>
    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        RemoveFolder(Path.Combine(folder, OwnerKey(account)));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        foreach (var owner in Directory.Exists(folder) ? Directory.GetDirectories(folder, $"{DomainKey(domain)}*") : [])
        {
            RemoveFolder(owner);
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var owner = Path.Combine(folder, OwnerKey(account));
        var rows = new List<IReadOnlyList<string>>();
        foreach (var path in Directory.Exists(owner) ? Directory.GetFiles(owner, $"*{About}").Order(StringComparer.Ordinal) : Enumerable.Empty<string>())
        {
            if (await ReadAboutAsync(path[..^About.Length], ct) is { } file)
            {
                rows.Add([file.Name, file.ContentType ?? "", file.Size.ToString(System.Globalization.CultureInfo.InvariantCulture), XmppDateTime.Format(file.Stored)]);
            }
        }

        if (rows.Count > 0)
        {
            yield return new PersonalDataSection("http_upload", ["name", "content_type", "size", "stored"], rows);
        }
    }

    private static bool IsKey(string key) => key.Length is >= 16 and <= 128 && key.All(char.IsAsciiHexDigitLower);

    // The key of an account begins with that of its domain, so that a domain can be removed.
    private string DomainKey(string domain) => Hash(domain, 6);

    private string Hash(string text, int bytes) => Convert.ToHexStringLower(HMACSHA256.HashData(SigningKey, Encoding.UTF8.GetBytes(text)).AsSpan(0, bytes));

    private string PathOf(string owner, string token) => Path.Combine(folder, owner, token);

    private bool IsTooOld(DateTimeOffset stored) => options.MaxAge is { } age && stored + age <= time.GetUtcNow();

    // One at a time, so that two files cannot both take the last room.
    private UploadOutcome Reserve(string owner, string path, long size, out FileStream? target)
    {
        target = null;
        lock (_gate)
        {
            MakeFolder(Path.GetDirectoryName(path)!);
            if (File.Exists(path) || File.Exists(path + Part))
            {
                return UploadOutcome.Exists;
            }

            if (options.Quota is { } quota && Used(owner) + size > quota)
            {
                return UploadOutcome.OverQuota;
            }

            target = new FileStream(path + Part, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0, FileOptions.Asynchronous);
            target.SetLength(size);
            return UploadOutcome.Saved;
        }
    }

    private long Used(string owner)
    {
        var files = new DirectoryInfo(Path.Combine(folder, owner));
        return files.Exists ? files.EnumerateFiles().Where(file => file.Extension != About).Sum(file => file.Length) : 0;
    }

    private static async ValueTask<UploadOutcome> CopyAsync(Stream content, FileStream target, long size, CancellationToken ct)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(32 * 1024);
        try
        {
            var left = size;
            while (await content.ReadAsync(buffer, ct) is > 0 and var read)
            {
                if (read > left)
                {
                    return UploadOutcome.TooLong;
                }

                await target.WriteAsync(buffer.AsMemory(0, read), ct);
                left -= read;
            }

            return left == 0 ? UploadOutcome.Saved : UploadOutcome.TooShort;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async ValueTask WriteAboutAsync(string path, StoredUpload file, CancellationToken ct)
    {
        await using var target = new FileStream(path + About, FileMode.Create, FileAccess.Write, FileShare.None);
        await JsonSerializer.SerializeAsync(target, new Note(file.Name, file.ContentType, file.Size, file.Stored), cancellationToken: ct);
        target.Flush(flushToDisk: true);
    }

    private static async ValueTask<StoredUpload?> ReadAboutAsync(string path, CancellationToken ct)
    {
        try
        {
            var note = JsonSerializer.Deserialize<Note>(await File.ReadAllBytesAsync(path + About, ct));
            return note is null ? null : new StoredUpload(note.Name, note.ContentType, note.Size, note.Stored);
        }
        catch (Exception missing) when (missing is IOException or JsonException)
        {
            return null;
        }
    }

    // What is told about a file goes last: without it the file is not found, and whatever is left over is swept by age.
    private static void Remove(string path)
    {
        File.Delete(path);
        File.Delete(path + About);
    }

    private static void RemoveFolder(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private byte[] OpenKey()
    {
        MakeFolder(folder);
        var path = Path.Combine(folder, "signing.key");
        if (!File.Exists(path))
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using var file = new FileStream(path, options);
            file.Write(RandomNumberGenerator.GetBytes(32));
            file.Flush(flushToDisk: true);
        }

        return File.ReadAllBytes(path);
    }

    private sealed record Note(string Name, string? ContentType, long Size, DateTimeOffset Stored);
}
