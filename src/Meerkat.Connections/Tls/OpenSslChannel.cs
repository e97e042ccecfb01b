using System.Net.Security;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Meerkat.Connections.Tls;

/// <summary>What OpenSSL knows of a TLS connection and <see cref="SslStream"/> does not tell: exported keying material, and whether the master secret is an extended one.</summary>
/// <remarks>
/// It reaches the native connection through a private field of <see cref="SslStream"/> and calls the very library that the framework loaded; docs/decisions/0002-channel-binding.md
/// says why that is sound and how it is checked. Nothing here is called before <see cref="ChannelBindingProbe"/> has found both ends of a connection of our own to agree.
/// </remarks>
internal sealed class OpenSslChannel
{
    // ssl.h: SSL_CTRL_GET_EXTMS_SUPPORT
    private const int GetExtendedMasterSecret = 122;

    // dlfcn.h on Linux, glibc and musl alike
    private const int BindNow = 2;
    private const int NoLoad = 4;

    private static readonly FieldInfo? SecurityContext = typeof(SslStream).GetField("_securityContext", BindingFlags.Instance | BindingFlags.NonPublic);
    private static readonly Type? SslHandle = typeof(SslStream).Assembly.GetType("Microsoft.Win32.SafeHandles.SafeSslHandle");

    private readonly ExportKeyingMaterial _exportKeyingMaterial;
    private readonly Control _control;

    private OpenSslChannel(nint library)
    {
        _exportKeyingMaterial = Function<ExportKeyingMaterial>(library, "SSL_export_keying_material");
        _control = Function<Control>(library, "SSL_ctrl");
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int ExportKeyingMaterial(nint ssl, [Out] byte[] output, nuint outputLength, byte[] label, nuint labelLength, nint context, nuint contextLength, int useContext);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint Control(nint ssl, int command, nint number, nint pointer);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint OpenLibrary(nint name, int flags);

    /// <summary>Finds the library that the framework uses; it must have made a TLS connection already.</summary>
    /// <param name="reason">Why there is none; null on success.</param>
    public static OpenSslChannel? Find(out string? reason)
    {
        if (!OperatingSystem.IsLinux())
        {
            reason = "TLS is not OpenSSL's on this system";
            return null;
        }

        if (SecurityContext is null || SslHandle is null || !SslHandle.IsAssignableTo(typeof(SafeHandle)))
        {
            reason = "this .NET keeps its TLS connection elsewhere";
            return null;
        }

        // Two of them in one process, or one replaced on disk since: no way to know which of them a connection belongs to.
        if (LoadedLibraries(File.ReadLines("/proc/self/maps")) is not [var path])
        {
            reason = "there is not exactly one libssl in this process";
            return null;
        }

        var library = OpenLoaded(path);
        if (library == 0 || !NativeLibrary.TryGetExport(library, "SSL_export_keying_material", out _) || !NativeLibrary.TryGetExport(library, "SSL_ctrl", out _))
        {
            reason = $"{path} does not export what is needed";
            return null;
        }

        reason = null;
        return new OpenSslChannel(library);
    }

    /// <summary>RFC 5705 and RFC 8446 §7.5 keying material, without a context; null when the connection gives none.</summary>
    /// <remarks>The caller has finished the handshake and does not read or write meanwhile: OpenSSL's connections are not safe for concurrent use.</remarks>
    public byte[]? Export(SslStream stream, ReadOnlySpan<byte> label, int length)
    {
        var output = new byte[length];
        var labelBytes = label.ToArray();
        var exported = Use(stream, ssl => _exportKeyingMaterial(ssl, output, (nuint)length, labelBytes, (nuint)labelBytes.Length, 0, 0, 0));
        return exported == 1 ? output : null;
    }

    /// <summary>Whether the connection, which is TLS 1.2, uses the extended master secret (RFC 7627). Same condition as <see cref="Export"/>.</summary>
    public bool HasExtendedMasterSecret(SslStream stream) => Use(stream, ssl => _control(ssl, GetExtendedMasterSecret, 0, 0)) == 1;

    /// <summary>The paths of the libraries named libssl among the mappings of a process.</summary>
    internal static string[] LoadedLibraries(IEnumerable<string> maps) =>
        [.. maps.Select(static line => line.IndexOf('/', StringComparison.Ordinal) is var at and >= 0 ? line[at..] : "")
            .Where(static path => path[(path.LastIndexOf('/') + 1)..] is var name && name.StartsWith("libssl", StringComparison.Ordinal) && name.Contains(".so", StringComparison.Ordinal))
            .Distinct()];

    /// <summary>A handle of a library that is loaded; 0 when it is not. Never loads a second one, as <see cref="NativeLibrary"/> would if the file had been replaced.</summary>
    private static nint OpenLoaded(string path)
    {
        if (!NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "dlopen", out var address))
        {
            return 0;
        }

        var name = Marshal.StringToCoTaskMemUTF8(path);
        try
        {
            return Marshal.GetDelegateForFunctionPointer<OpenLibrary>(address)(name, BindNow | NoLoad);
        }
        finally
        {
            Marshal.FreeCoTaskMem(name);
        }
    }

    /// <summary>Calls with the native connection, which stays alive for as long; 0 when there is none.</summary>
    private static nint Use(SslStream stream, Func<nint, nint> call)
    {
        if (SecurityContext?.GetValue(stream) is not SafeHandle handle || handle.GetType() != SslHandle)
        {
            return 0;
        }

        var held = false;
        try
        {
            handle.DangerousAddRef(ref held);
            return call(handle.DangerousGetHandle());
        }
        catch (ObjectDisposedException)
        {
            return 0; // closed by now
        }
        finally
        {
            if (held)
            {
                handle.DangerousRelease();
            }
        }
    }

    private static T Function<T>(nint library, string name)
        where T : Delegate => Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(library, name));
}
