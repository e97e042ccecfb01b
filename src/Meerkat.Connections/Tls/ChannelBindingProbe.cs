using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Meerkat.Connections.Tls;

/// <summary>Finds out once, before anything is offered, whether <see cref="OpenSslChannel"/> tells the truth: two connections that the process makes to itself in memory, with TLS 1.3 and 1.2.</summary>
internal static class ChannelBindingProbe
{
    private static readonly Lazy<Task<ChannelBindingProbeResult>> Once = new(static () => Task.Run(RunAsync));

    /// <summary>The result; the first call works it out, in some tens of milliseconds. Never throws.</summary>
    public static Task<ChannelBindingProbeResult> ResultAsync() => Once.Value;

    private static async Task<ChannelBindingProbeResult> RunAsync()
    {
        try
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var now = DateTimeOffset.UnixEpoch.AddYears(1); // nobody looks at it
            using var certificate = new CertificateRequest("CN=probe", key, HashAlgorithmName.SHA256).CreateSelfSigned(now, now.AddYears(1));
            var context = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);

            var newer = await HandshakeAsync(context, SslProtocols.Tls13);
            var older = await HandshakeAsync(context, SslProtocols.Tls12);
            var reason = newer.Reason ?? older.Reason ?? (newer.Exported.AsSpan().SequenceEqual(older.Exported) ? "two connections export the same" : null);
            return new(reason is null ? newer.Channel : null, reason);
        }
        catch (Exception e) // whatever it is, it is a reason not to offer it, and none to stop
        {
            return new(null, $"{e.GetType().Name}: {e.Message}");
        }
    }

    /// <summary>One connection; what both ends export, if that is the same.</summary>
    private static async Task<(OpenSslChannel? Channel, byte[]? Exported, string? Reason)> HandshakeAsync(SslStreamCertificateContext context, SslProtocols protocol)
    {
        var (near, far) = MemoryDuplex.CreatePair();
        await using var server = new SslStream(near);
        await using var client = new SslStream(far);
        await Task.WhenAll(
            server.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = context, EnabledSslProtocols = protocol }),
            client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "probe",
                EnabledSslProtocols = protocol,
                AllowTlsResume = false,
                RemoteCertificateValidationCallback = (_, shown, _, _) => context.TargetCertificate.Equals(shown),
            }));

        if (OpenSslChannel.Find(out var reason) is not { } channel)
        {
            return (null, null, reason);
        }

        var ours = channel.Export(server, ChannelBinding.ExporterLabel, ChannelBinding.ExporterLength);
        var theirs = channel.Export(client, ChannelBinding.ExporterLabel, ChannelBinding.ExporterLength);
        if (ours is null || theirs is null || !ours.AsSpan().SequenceEqual(theirs) || !ours.AsSpan().ContainsAnyExcept((byte)0))
        {
            return (null, null, $"the two ends of a {protocol} connection do not export the same");
        }

        return protocol is SslProtocols.Tls12 && !(channel.HasExtendedMasterSecret(server) && channel.HasExtendedMasterSecret(client))
            ? (null, null, "a TLS 1.2 connection shows no extended master secret")
            : (channel, ours, null);
    }
}

/// <summary>What the probe found.</summary>
/// <param name="Channel">The way in; null when there is none that can be relied on.</param>
/// <param name="Reason">Why not, for the log; null when there is one.</param>
internal sealed record ChannelBindingProbeResult(OpenSslChannel? Channel, string? Reason);
