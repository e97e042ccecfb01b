using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Hosts;
using Meerkat.Core.Http;
using Meerkat.Core.Modules;
using Meerkat.Modules.Disco;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.HttpUpload;

/// <summary>Clients upload files by HTTP and send others the address: to this server's disk, or to an S3 bucket that it signs addresses for.</summary>
/// <remarks>XEP-0363 v1.1.0, HUP-001 to HUP-005.</remarks>
[Module("mod_http_upload", Options = typeof(HttpUploadOptions)), Uses("mod_disco")]
[Xep(363, "1.1.0", Partial = "no purposes (§6)")]
[Announces(Announcer.Service, Ns.HttpUpload, Ns.DiscoInfo, Ns.DiscoItems)]
public sealed class HttpUploadModule : IModule
{
    private static readonly TimeSpan s_sweepEvery = TimeSpan.FromHours(1);

    private readonly HttpUploadOptions _options;
    private readonly IUploadStore? _store;
    private readonly UploadService _service;
    private readonly ILogger _log;
    private readonly ITimer? _sweeper;

    /// <summary>Makes the module for a host type.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="store">Where files go; null where none go to this server.</param>
    /// <param name="disco">Service discovery; null without it.</param>
    /// <param name="host">The host type.</param>
    /// <param name="log">Log.</param>
    public HttpUploadModule(HttpUploadOptions options, IUploadStore? store, IDisco? disco, HostType host, ILogger log)
    {
        _options = options;
        _store = options.EffectiveBackend is UploadBackend.Disk ? store : null;
        _log = log;
        Operations = new HttpUploadOperations(options, _store, new Addresses(host), host.Server.Time);
        _service = new UploadService(options, Operations, _store, disco, host);
        if (_store is not null && options.Disk.MaxAge is not null)
        {
            _sweeper = host.Server.Time.CreateTimer(_ => _ = SweepAsync(), null, TimeSpan.FromMinutes(1), s_sweepEvery);
        }
    }

    /// <summary>What an administrator may do.</summary>
    public HttpUploadOperations Operations { get; }

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        UploadMetrics.Begin();
        on.Service(_options.Host, _service);
        on.Operations(Operations);
        if (_store is not null)
        {
            on.OwnsData(_store);
            on.Http(new HttpEndpoint(DiskSlots.Path, new UploadEndpoint(_store, Operations.Disk!, _log).ServeAsync));
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: it is logged.")]
    private async Task SweepAsync()
    {
        try
        {
            if (await _store!.SweepAsync(CancellationToken.None) is > 0 and var files)
            {
                UploadMetrics.Expired(files);
                UploadLog.Swept(_log, files);
            }
        }
        catch (Exception failure)
        {
            UploadLog.SweepFailed(_log, failure);
        }
    }

    // The listeners are there after the modules.
    private sealed class Addresses(HostType host) : IHttpEndpoints
    {
        public Uri? AddressOf(string domain, string path) => host.Server.Http.AddressOf(domain, path);

        public IReadOnlyList<Uri> Connections(string domain, HttpConnectionMethod method) => host.Server.Http.Connections(domain, method);
    }
}
