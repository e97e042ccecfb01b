using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Meerkat.Modules.HttpUpload;

/// <summary>Slots in an S3 bucket: addresses that this server signs and the bucket checks (AWS Signature Version 4, query parameters). Nothing is asked of the bucket.</summary>
/// <remarks>HUP-003.</remarks>
/// <param name="options">The bucket.</param>
/// <param name="time">The clock.</param>
internal sealed class S3Slots(S3UploadOptions options, TimeProvider time)
{
    /// <summary>A slot.</summary>
    /// <param name="token">Random.</param>
    /// <param name="file">The file.</param>
    /// <param name="lifetime">How long the address is good for.</param>
    public UploadSlot Create(string token, UploadRequest file, TimeSpan lifetime)
    {
        var address = new Uri($"{options.BucketUrl.TrimEnd('/')}/{token}/{Uri.EscapeDataString(file.Name)}");
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["content-length"] = file.Size.ToString(CultureInfo.InvariantCulture),
            ["host"] = address.Authority,
        };
        if (file.ContentType is not null)
        {
            headers["content-type"] = file.ContentType;
        }

        if (options.AddAcl)
        {
            headers["x-amz-acl"] = "public-read";
        }

        return new UploadSlot(Sign("PUT", address, headers, lifetime), address.AbsoluteUri);
    }

    /// <summary>Signs an address.</summary>
    /// <param name="method">The method that it is for.</param>
    /// <param name="address">The address, without a query.</param>
    /// <param name="headers">Headers that the request must have, by lower-case name, sorted.</param>
    /// <param name="lifetime">How long it is good for.</param>
    internal string Sign(string method, Uri address, SortedDictionary<string, string> headers, TimeSpan lifetime)
    {
        var now = time.GetUtcNow();
        var stamp = now.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var scope = $"{now.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}/{options.Region}/s3/aws4_request";
        var names = string.Join(';', headers.Keys);
        var query = $"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={Uri.EscapeDataString($"{options.AccessKeyId}/{scope}")}&X-Amz-Date={stamp}"
            + string.Create(CultureInfo.InvariantCulture, $"&X-Amz-Expires={(long)lifetime.TotalSeconds}&X-Amz-SignedHeaders={Uri.EscapeDataString(names)}");

        var canonical = $"{method}\n{address.AbsolutePath}\n{query}\n{string.Concat(headers.Select(header => $"{header.Key}:{header.Value.Trim()}\n"))}\n{names}\nUNSIGNED-PAYLOAD";
        var signed = $"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = Encoding.UTF8.GetBytes($"AWS4{options.SecretAccessKey}");
        foreach (var part in scope.Split('/'))
        {
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        }

        return $"{address.GetLeftPart(UriPartial.Path)}?{query}&X-Amz-Signature={Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(signed)))}";
    }
}
