using System.Net.Security;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Security.Authentication.ExtendedProtection;
using Meerkat.Xmpp.Sasl;

namespace Meerkat.Connections.Tls;

/// <summary>The channel bindings of one TLS connection, taken when its handshake was over.</summary>
/// <remarks>
/// <c>tls-exporter</c> (RFC 9266; TLS 1.3, and 1.2 with an extended master secret), <c>tls-unique</c> (RFC 5929 §3; TLS 1.2 with an extended master secret, RFC 7627 §5.4;
/// on TLS 1.3 it is given to who asks, and not advertised) and <c>tls-server-end-point</c> (RFC 5929 §4). The first two need OpenSSL, and are there only where it was found to tell the truth: docs/decisions/0002-channel-binding.md.
/// Immutable; holds nothing of the connection.
/// </remarks>
public sealed class ChannelBinding : IChannelBinding
{
    /// <summary>RFC 9266 §2, in octets.</summary>
    internal const int ExporterLength = 32;

    private readonly (string Type, ReadOnlyMemory<byte> Data)[] _bindings;

    private ChannelBinding((string Type, ReadOnlyMemory<byte> Data)[] bindings, bool advertisesUnique)
    {
        _bindings = bindings;
        Types = [.. bindings.Select(static b => b.Type).Where(t => advertisesUnique || t is not ChannelBindingType.Unique)];
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> Types { get; }

    /// <summary>RFC 9266 §2.</summary>
    internal static ReadOnlySpan<byte> ExporterLabel => "EXPORTER-Channel-Binding"u8;

    /// <summary>Checks the process's own TLS, once; later calls give the same answer at once.</summary>
    /// <returns>Null when <c>tls-exporter</c> and <c>tls-unique</c> can be offered; else the reason why not, for one line in the log at start.</returns>
    public static async Task<string?> ProbeAsync() => (await ChannelBindingProbe.ResultAsync()).Reason;

    /// <summary>Takes the bindings of a connection. The handshake is over, and nobody reads or writes until this returns; it completes synchronously but for the first time in a process.</summary>
    /// <param name="stream">The server's end of the connection.</param>
    /// <param name="serverEndPoint"><see cref="ServerEndPoint.Hash"/> of the certificate that this connection showed.</param>
    public static async ValueTask<ChannelBinding> OfAsync(SslStream stream, ReadOnlyMemory<byte> serverEndPoint)
    {
        var channel = (await ChannelBindingProbe.ResultAsync()).Channel;
        var bindings = new List<(string, ReadOnlyMemory<byte>)>(3);
        if (channel is not null && stream.IsAuthenticated && IsBoundToHandshake(stream, channel))
        {
            if (channel.Export(stream, ExporterLabel, ExporterLength) is { } exported)
            {
                bindings.Add((ChannelBindingType.Exporter, exported));
            }

            // COMPAT: slixmpp up to 1.8 binds with tls-unique whatever the TLS version; on 1.3, which does not define it, its library takes the Finished message all the same.
            // That covers the whole handshake there too, so it is let pass, unadvertised: else such a client would have no way in beside any -PLUS.
            if (Unique(stream) is { } unique)
            {
                bindings.Add((ChannelBindingType.Unique, unique));
            }
        }

        if (!serverEndPoint.IsEmpty)
        {
            bindings.Add((ChannelBindingType.ServerEndPoint, serverEndPoint));
        }

        return new([.. bindings], advertisesUnique: stream.IsAuthenticated && stream.SslProtocol is SslProtocols.Tls12);
    }

    /// <inheritdoc/>
    public bool TryGet(string type, out ReadOnlyMemory<byte> data)
    {
        foreach (var (name, value) in _bindings)
        {
            if (name == type)
            {
                data = value;
                return true;
            }
        }

        data = default;
        return false;
    }

    /// <summary>Whether the secrets of the connection come from the whole handshake. In TLS 1.2 without RFC 7627 an attacker can have two connections with the same ones (RFC 9266 §4).</summary>
    private static bool IsBoundToHandshake(SslStream stream, OpenSslChannel channel) => stream.SslProtocol switch
    {
        SslProtocols.Tls13 => true,
        SslProtocols.Tls12 => channel.HasExtendedMasterSecret(stream),
        _ => false,
    };

    /// <summary>The client's Finished message, or in a resumed session the server's. The framework gives it behind a header and the name of the type.</summary>
    private static byte[]? Unique(SslStream stream)
    {
        using var handle = stream.TransportContext.GetChannelBinding(ChannelBindingKind.Unique);
        if (handle is null || handle.IsInvalid)
        {
            return null;
        }

        var token = new byte[handle.Size];
        Marshal.Copy(handle.DangerousGetHandle(), token, 0, token.Length);
        var prefix = "tls-unique:"u8;
        var at = token.AsSpan().IndexOf(prefix);
        return at >= 0 && at + prefix.Length < token.Length ? token[(at + prefix.Length)..] : null;
    }
}
