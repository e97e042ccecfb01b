using System.Net.Sockets;
using System.Text.Json;
using Meerkat.Admin.GraphQL;
using Meerkat.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Meerkat.Admin.Control;

/// <summary>The local UNIX socket of <c>meerkatctl</c>: HTTP that only the server's own user can reach, and that therefore has all of an administrator's rights (OPS-065).</summary>
/// <remarks>
/// <c>POST /graphql</c> takes a GraphQL request, <c>GET /status</c> tells process, version and uptime. The socket lies in a folder of its own with mode 0700 and has mode 0600 itself:
/// there is no moment at which somebody else could open it.
/// </remarks>
public sealed class ControlSocket : IAsyncDisposable
{
    // OPS-059: so many at a time.
    private const int MaxConnections = 100;

    // What a socket's address has room for on Linux, without the zero behind it.
    private const int MaxPath = 107;

    private static readonly ApiCaller s_owner = new(ApiRole.Admin, ApiTransport.Control);

    private readonly AdminApi _api;
    private readonly ILoggerFactory _loggers;
    private WebApplication? _application;
    private bool _isRemoved;

    /// <summary>Prepares the socket.</summary>
    /// <param name="api">What it serves.</param>
    /// <param name="path">Where: see <see cref="PathIn"/>.</param>
    /// <param name="loggers">Loggers.</param>
    public ControlSocket(AdminApi api, string path, ILoggerFactory loggers)
    {
        _api = api;
        Path = path;
        _loggers = loggers;
    }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Where the socket of a data folder is; of a node of a cluster, its own.</summary>
    /// <param name="dataFolder">The folder.</param>
    /// <param name="node">The node's name; null for a server that is none.</param>
    public static string PathIn(string dataFolder, string? node = null) => System.IO.Path.Combine(dataFolder, "control", node is null ? "meerkat.sock" : $"node-{node}.sock");

    /// <summary>Opens the socket. One that a server left that was killed is replaced.</summary>
    /// <exception cref="IOException">It cannot be opened: a server runs on the data folder already, or the path is too long.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(Path) > MaxPath)
        {
            throw new IOException($"{Path} is longer than the {MaxPath} bytes that a socket's name may have");
        }

        var folder = System.IO.Path.GetDirectoryName(Path)!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        if (File.Exists(Path))
        {
            if (await AnswersAsync(ct))
            {
                throw new IOException($"a server is running on this data folder: it answers on {Path}");
            }

            File.Delete(Path);
        }

        _application = Build();
        await _application.StartAsync(ct);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    /// <summary>Answers what is being asked, for a while at most, and closes the socket.</summary>
    public async Task StopAsync(CancellationToken ct)
    {
        if (_application is not null)
        {
            await _application.StopAsync(ct);
            RemoveFile();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_application is not null)
        {
            await _application.DisposeAsync();
            RemoveFile();
        }
    }

    // Once: what has that name later is another server's.
    private void RemoveFile()
    {
        if (!_isRemoved)
        {
            _isRemoved = true;
            File.Delete(Path);
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken ct)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path), ct);
            return true;
        }
        catch (SocketException refused)
        {
            // Nobody listens behind the name. All else (a server that has more to do than it gets done) is a server.
            return refused.SocketErrorCode is not (SocketError.ConnectionRefused or SocketError.AddressNotAvailable);
        }
    }

    private WebApplication Build()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton(_loggers);
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.MaxRequestBodySize = ApiLimits.MaxBody;
            kestrel.ListenUnixSocket(Path);
        });
        var application = builder.Build();
        application.Run(ServeAsync);
        return application;
    }

    private Task ServeAsync(HttpContext context) => (context.Request.Method, context.Request.Path.Value) switch
    {
        ("POST", "/graphql") => ExecuteAsync(context),
        ("GET", "/status") => TellStatusAsync(context),
        _ => RefuseAsync(context),
    };

    private async Task ExecuteAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var answer = ApiRequest.Read(body.GetBuffer().AsMemory(0, (int)body.Length), out var request)
            ?? await _api.ExecuteAsync(request!, s_owner, categories: null, introspection: true, context.RequestAborted);
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }

    // OPS-049
    private async Task TellStatusAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        await using var json = new Utf8JsonWriter(context.Response.Body);
        json.WriteStartObject();
        json.WriteString("node", _api.Control.NodeName);
        json.WriteNumber("pid", Environment.ProcessId);
        json.WriteString("runtime", System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription);
        json.WriteString("version", Product.Version);
        json.WriteNumber("uptimeSeconds", (long)(_api.Server.Time.GetUtcNow() - _api.Server.Started).TotalSeconds);
        json.WriteEndObject();
    }

    private static Task RefuseAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    // Signals are the program's to handle, not this part's.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
