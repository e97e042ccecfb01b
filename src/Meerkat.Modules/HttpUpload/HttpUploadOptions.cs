using System.ComponentModel.DataAnnotations;
using Meerkat.Core.Configuration;
using Meerkat.Core.Http;

namespace Meerkat.Modules.HttpUpload;

/// <summary>Options of <c>mod_http_upload</c>: a <c>[modules.mod_http_upload]</c> table (CONF-241).</summary>
public sealed record HttpUploadOptions : IHttpModuleOptions, IValidatableObject
{
    /// <summary><c>host</c>: the service's subdomain. Default <c>upload.@HOST@</c>.</summary>
    [SubdomainTemplate]
    public string Host { get; init; } = "upload.@HOST@";

    /// <summary><c>backend</c>: where files go. Default: <c>s3</c> where there is a table <c>s3</c>, which is the reference's only one; else <c>disk</c>.</summary>
    public UploadBackend? Backend { get; init; }

    /// <summary><c>expiration_time</c>: in seconds, how long after it was given a slot takes its file. Default 60.</summary>
    [AtLeast(1), Unit(TimeUnit.Seconds)]
    public TimeSpan ExpirationTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary><c>token_bytes</c>: random bytes in a file's address, which is all that protects it. Default 32.</summary>
    [Range(1, 64)]
    public int TokenBytes { get; init; } = 32;

    /// <summary><c>max_file_size</c>: in bytes; null is <c>"infinity"</c>. Default 10 485 760.</summary>
    [AtLeast(1), InfinityAllowed]
    public long? MaxFileSize { get; init; } = 10_485_760;

    /// <summary><c>disk</c>: files on this server's disk. Ours.</summary>
    public DiskUploadOptions Disk { get; init; } = new();

    /// <summary><c>s3</c>: files in an S3 bucket, which clients reach by addresses that are signed here; null when there is none.</summary>
    public S3UploadOptions? S3 { get; init; }

    /// <summary>Where files go.</summary>
    public UploadBackend EffectiveBackend => Backend ?? (S3 is null ? UploadBackend.Disk : UploadBackend.S3);

    /// <inheritdoc/>
    public bool ServesHttp => EffectiveBackend is UploadBackend.Disk;

    /// <summary>The backend has its table, and an address on disk cannot be guessed.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Backend is UploadBackend.S3 && S3 is null)
        {
            yield return new ConfigRule("is \"s3\", which needs the table \"s3\"", nameof(Backend), "missing_mandatory_keys");
        }

        if (EffectiveBackend is UploadBackend.Disk && TokenBytes < 16)
        {
            yield return new ConfigRule("must be at least 16 for files on disk: the address is all that protects them", nameof(TokenBytes), "invalid_value");
        }
    }
}

/// <summary>Where uploaded files go.</summary>
public enum UploadBackend
{
    /// <summary>This server's disk.</summary>
    Disk,

    /// <summary>An S3 bucket, or what speaks the same protocol.</summary>
    S3,
}

/// <summary>Files on disk: <c>[modules.mod_http_upload.disk]</c>.</summary>
public sealed record DiskUploadOptions
{
    /// <summary><c>folder</c>: where they lie. Default: <c>uploads</c> in the data folder. Each host has a folder of its own below it.</summary>
    [NonEmpty]
    public string? Folder { get; init; }

    /// <summary><c>url</c>: what clients put before the path, such as <c>https://files.example.org/upload</c> of a proxy in front. Default: the listener that serves modules, with TLS where there is one.</summary>
    [Core.Configuration.Url]
    public string? Url { get; init; }

    /// <summary><c>quota</c>: in bytes, what the files of one account may take together; null is <c>"infinity"</c>. Default 1 073 741 824.</summary>
    [AtLeast(1), InfinityAllowed]
    public long? Quota { get; init; } = 1_073_741_824;

    /// <summary><c>max_age</c>: in seconds, after which a file is removed; null is <c>"infinity"</c>. Default 2 592 000, thirty days.</summary>
    [AtLeast(1), InfinityAllowed, Unit(TimeUnit.Seconds)]
    public TimeSpan? MaxAge { get; init; } = TimeSpan.FromDays(30);
}

/// <summary>Files in a bucket: <c>[modules.mod_http_upload.s3]</c>.</summary>
public sealed record S3UploadOptions
{
    /// <summary><c>bucket_url</c>: address of the bucket, by host or by path.</summary>
    [Core.Configuration.Url]
    public required string BucketUrl { get; init; }

    /// <summary><c>region</c>: the bucket's region.</summary>
    [NonEmpty]
    public required string Region { get; init; }

    /// <summary><c>access_key_id</c>: who signs.</summary>
    [NonEmpty]
    public required string AccessKeyId { get; init; }

    /// <summary><c>secret_access_key</c>: what it is signed with.</summary>
    [NonEmpty, Secret]
    public required string SecretAccessKey { get; init; }

    /// <summary><c>add_acl</c>: clients have to send <c>x-amz-acl: public-read</c>. Default false.</summary>
    public bool AddAcl { get; init; }
}
