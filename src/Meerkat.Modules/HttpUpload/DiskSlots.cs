using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Meerkat.Core.Http;
using Meerkat.Xmpp;

namespace Meerkat.Modules.HttpUpload;

/// <summary>Slots on this server: the address of an upload says all about it and is signed, so that nothing has to be remembered until the file comes.</summary>
/// <param name="store">Where files go; its key signs.</param>
/// <param name="url">What is before the path; null for the listeners' own address.</param>
/// <param name="http">Where the listeners are.</param>
/// <param name="time">The clock.</param>
internal sealed class DiskSlots(IUploadStore store, string? url, IHttpEndpoints http, TimeProvider time)
{
    /// <summary>Path of the endpoint.</summary>
    public const string Path = "/upload";

    /// <summary>A slot.</summary>
    /// <param name="owner">Whose file it will be.</param>
    /// <param name="token">Random.</param>
    /// <param name="file">The file.</param>
    /// <param name="lifetime">How long the address is good for.</param>
    /// <exception cref="InvalidOperationException">No listener serves modules.</exception>
    public UploadSlot Create(BareJid owner, string token, UploadRequest file, TimeSpan lifetime)
    {
        var before = url?.TrimEnd('/') ?? http.AddressOf(owner.Domain, Path)?.AbsoluteUri ?? throw new InvalidOperationException("No HTTP listener serves modules: uploads have no address.");
        var key = store.OwnerKey(owner);
        var expires = (time.GetUtcNow() + lifetime).ToUnixTimeSeconds();
        var get = $"{before}/{key}/{token}/{Uri.EscapeDataString(file.Name)}";
        var type = file.ContentType is null ? "" : $"&type={Uri.EscapeDataString(file.ContentType)}";
        return new UploadSlot(
            string.Create(CultureInfo.InvariantCulture, $"{get}?expires={expires}&size={file.Size}{type}&signature={Convert.ToHexStringLower(Signature(key, token, file, expires))}"),
            get);
    }

    /// <summary>Whether this server gave the address of an upload.</summary>
    public bool IsSigned(string owner, string token, UploadRequest file, long expires, string? signature) =>
        signature is { Length: 64 } && signature.All(char.IsAsciiHexDigit)
        && CryptographicOperations.FixedTimeEquals(Signature(owner, token, file, expires), Convert.FromHexString(signature));

    /// <summary>Whether the address of an upload is good no longer.</summary>
    public bool IsOver(long expires) => time.GetUtcNow().ToUnixTimeSeconds() > expires;

    // Line by line: none of the parts can hold a line feed.
    private byte[] Signature(string owner, string token, UploadRequest file, long expires) => HMACSHA256.HashData(
        store.SigningKey, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"PUT\n{owner}\n{token}\n{file.Name}\n{file.Size}\n{file.ContentType}\n{expires}")));
}
