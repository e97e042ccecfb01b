using Meerkat.Core.Tls;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Meerkat.Connections.Tls;
using Meerkat.Core.Accounts;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Meerkat.Connections.Tests.Clients;

public sealed class TlsListenerTests
{
    private static readonly StreamTlsOptions s_startTls = new() { VerifyMode = TlsVerifyMode.None };

    // CORE-049.
    [Fact]
    public async Task Without_a_tls_table_none_is_offered_and_asking_for_it_fails()
    {
        await using var on = await ListenerFixture.StartAsync();
        await using var client = await on.ConnectAsync();
        Assert.Null((await client.OpenStreamAsync()).Child("starttls", Ns.Tls));
        await client.SendAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"); // CORE-050
        await client.ExpectAsync("<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await client.ExpectEndAsync();
    }

    // CORE-049, CORE-050: offered beside the mechanisms; after the handshake a new stream with a new id, and no second offer.
    [Fact]
    public async Task Starttls_is_offered_and_leads_to_a_new_stream()
    {
        await using var on = await ListenerFixture.StartAsync(tls: s_startTls);
        await on.Server.Accounts.AddAsync("alice@example.test", "secret");
        await using var alice = await on.ConnectAsync();
        var features = await alice.OpenStreamAsync();
        Assert.NotNull(features.Child("starttls", Ns.Tls));
        Assert.NotNull(features.Child("mechanisms", Ns.Sasl));
        await alice.StartTlsAsync();
        features = await alice.OpenStreamAsync();
        Assert.Null(features.Child("starttls", Ns.Tls));
        Assert.Contains(features.Child("mechanisms", Ns.Sasl)!.Value.Children.ToArray(), mechanism => mechanism.Text.EndsWith("-PLUS", StringComparison.Ordinal));
    }

    // CORE-059, CORE-033: nothing else goes before it.
    [Fact]
    public async Task Required_starttls_is_all_that_is_offered()
    {
        await using var on = await ListenerFixture.StartAsync(tls: s_startTls with { Mode = TlsMode.StartTlsRequired });
        await using var client = await on.ConnectAsync();
        var features = await client.OpenStreamAsync();
        Assert.Equal("starttls", Assert.Single(features.Children.ToArray()).Name);
        Assert.NotNull(features.Child("starttls", Ns.Tls)!.Value.Child("required", Ns.Tls));
        await client.SendAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>");
        await client.ExpectStreamErrorAsync("encryption-required");
    }

    // RFC 6120 §5.4.3.3: what a man in the middle puts behind <starttls/> is never parsed.
    [Fact]
    public async Task Bytes_behind_starttls_are_thrown_away()
    {
        await using var on = await ListenerFixture.StartAsync(tls: s_startTls);
        await using var client = await on.ConnectAsync();
        await client.OpenStreamAsync();
        await client.SendAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='elsewhere' version='1.0'>");
        await client.ExpectAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await client.EncryptAsync();
        Assert.NotNull((await client.OpenStreamAsync()).Child("mechanisms", Ns.Sasl));
    }

    // CORE-009, XEP-0368 §3: chosen by ALPN; who has none is served all the same.
    [Theory]
    [InlineData("xmpp-client")]
    [InlineData(null)]
    public async Task Direct_tls_is_before_any_xml(string? protocol)
    {
        await using var on = await ListenerFixture.StartAsync(tls: s_startTls with { Mode = TlsMode.Tls });
        await using var client = await on.ConnectAsync();
        await client.EncryptAsync(new SslClientAuthenticationOptions { ApplicationProtocols = protocol is null ? null : [new SslApplicationProtocol(protocol)] });
        Assert.Equal(protocol ?? "", client.Tls!.NegotiatedApplicationProtocol.ToString());
        Assert.Null((await client.OpenStreamAsync()).Child("starttls", Ns.Tls));
    }

    // CORE-009, CORE-051.
    [Fact]
    public async Task A_plain_client_on_a_direct_tls_port_gets_no_stream()
    {
        await using var on = await ListenerFixture.StartAsync(tls: s_startTls with { Mode = TlsMode.Tls });
        await using var client = await on.ConnectAsync();
        await client.SendAsync("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='example.test' version='1.0'>");
        Assert.DoesNotContain("stream", Encoding.UTF8.GetString(await client.ReceiveToEndAsync()), StringComparison.Ordinal);
    }

    // CORE-010.
    [Fact]
    public async Task A_handshake_that_takes_too_long_ends_the_connection()
    {
        await using var on = await ListenerFixture.StartAsync(tls: s_startTls with { Mode = TlsMode.Tls });
        await using var client = await on.ConnectAsync();
        on.Server.Log.Minimum = LogLevel.Debug;
        var end = client.ReceiveToEndAsync();
        while (!end.IsCompleted)
        {
            on.Server.Time.Advance(TimeSpan.FromSeconds(5)); // the time-out starts when the connection is accepted
            await Task.WhenAny(end, Task.Delay(20));
        }

        Assert.Empty(await end);
        Assert.Single(on.Server.Log.Entries, entry => entry.Text.Contains("failed: it took longer than 5 s", StringComparison.Ordinal));
    }

    // CORE-052.
    [Fact]
    public async Task Versions_that_are_not_offered_fail()
    {
        await using var on = await ListenerFixture.StartAsync(tls: s_startTls with { Mode = TlsMode.Tls, Versions = [TlsVersion.Tls13] });
        await using var client = await on.ConnectAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => client.EncryptAsync(new SslClientAuthenticationOptions { EnabledSslProtocols = SslProtocols.Tls12 }));
        await using var other = await on.ConnectAsync();
        await other.EncryptAsync();
        Assert.Equal(SslProtocols.Tls13, other.Tls!.SslProtocol);
    }

    // CORE-051: the client is told nothing, so the log has to say what was wrong, in the words of the TLS library.
    [Fact]
    public async Task The_log_says_why_a_handshake_failed()
    {
        await using var on = await ListenerFixture.StartAsync(tls: s_startTls with { Mode = TlsMode.Tls, Versions = [TlsVersion.Tls13] });
        on.Server.Log.Minimum = LogLevel.Debug;
        await using var client = await on.ConnectAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => client.EncryptAsync(new SslClientAuthenticationOptions { EnabledSslProtocols = SslProtocols.Tls12 }));

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        string? said;
        while ((said = on.Server.Log.Entries.Select(entry => entry.Text).FirstOrDefault(text => text.Contains("TLS handshake with", StringComparison.Ordinal))) is null)
        {
            await Task.Delay(20, limit.Token); // the server may still be closing its side
        }

        Assert.Contains("unsupported protocol", said, StringComparison.Ordinal);
    }

    // CORE-053, CORE-054: which certificates pass, and whether one that does not ends the handshake.
    [Theory]
    [InlineData(TlsVerifyMode.None, true, false, true, false)]
    [InlineData(TlsVerifyMode.Peer, true, false, false, false)]
    [InlineData(TlsVerifyMode.Peer, false, false, true, false)]
    [InlineData(TlsVerifyMode.Peer, true, true, false, false)]
    [InlineData(TlsVerifyMode.Peer, false, true, true, false)]
    [InlineData(TlsVerifyMode.SelfSignedPeer, true, false, false, false)]
    [InlineData(TlsVerifyMode.SelfSignedPeer, true, true, true, true)]
    [InlineData(TlsVerifyMode.SelfSignedPeer, false, false, true, false)]
    public async Task A_client_certificate_is_judged_by_the_mode(TlsVerifyMode mode, bool disconnects, bool hasCertificate, bool isServed, bool offersExternal)
    {
        await using var on = await StartWithPkiAsync(mode, disconnects);
        await using var client = await on.ConnectAsync();
        try
        {
            await client.EncryptAsync(hasCertificate ? With(ClientCertificate("alice@example.test")) : null);
            var features = await client.OpenStreamAsync();
            Assert.True(isServed);
            Assert.Equal(offersExternal, Mechanisms(features).Contains("EXTERNAL"));
        }
        catch (Exception refused) when (refused is IOException or AuthenticationException or Xunit.Sdk.XunitException && !isServed)
        {
            // TLS 1.3 tells a client of its refused certificate only when it reads.
        }
    }

    // AUTH §11, XEP-0178: the certificate's address is the account.
    [Fact]
    public async Task A_certificate_logs_in_by_external()
    {
        await using var on = await StartWithPkiAsync(TlsVerifyMode.SelfSignedPeer, disconnects: true);
        await using var alice = await on.ConnectAsync();
        await alice.EncryptAsync(With(ClientCertificate("alice@example.test")));
        await alice.OpenStreamAsync();
        await alice.SendAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='EXTERNAL'>=</auth>");
        await alice.ExpectAsync("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
        await alice.OpenStreamAsync();
        await alice.BindAsync("phone");
        Assert.Equal("alice@example.test/phone", alice.Jid);
    }

    // CORE-056: files that changed are read again for new connections.
    [Fact]
    public async Task A_certificate_that_changed_is_served_to_new_connections()
    {
        await using var on = await ListenerFixture.StartAsync(tls: s_startTls with { Mode = TlsMode.Tls });
        Assert.Equal("CN=first", await SubjectAsync(on));
        on.WriteCertificate("second");
        File.SetLastWriteTimeUtc(on.CertFile, DateTime.UtcNow.AddMinutes(1));
        Assert.Equal("CN=first", await SubjectAsync(on)); // the files are not looked at for every connection
        on.Server.Time.Advance(TimeSpan.FromSeconds(120));
        Assert.Equal("CN=second", await SubjectAsync(on));
    }

    // CORE-056: while the files are being replaced the old certificate serves on.
    [Fact]
    public async Task A_certificate_that_cannot_be_read_leaves_the_old_one()
    {
        await using var on = await ListenerFixture.StartAsync(tls: s_startTls with { Mode = TlsMode.Tls });
        File.WriteAllText(on.CertFile, "nothing");
        File.SetLastWriteTimeUtc(on.CertFile, DateTime.UtcNow.AddMinutes(1));
        on.Server.Time.Advance(TimeSpan.FromSeconds(120));
        Assert.Equal("CN=first", await SubjectAsync(on));
    }

    private static Task<ListenerFixture> StartWithPkiAsync(TlsVerifyMode mode, bool disconnects) => ListenerFixture.StartAsync(
        tls: new StreamTlsOptions { Mode = TlsMode.Tls, VerifyMode = mode, DisconnectOnFailure = disconnects },
        server: with => with.Auth = new AuthOptions { Pki = new PkiAuthOptions(), Internal = new InternalAuthOptions(), SaslMechanisms = [SaslMechanismName.External, SaslMechanismName.Plain] });

    private static IEnumerable<string> Mechanisms(XmlElement features) =>
        features.Child("mechanisms", Ns.Sasl)?.Children.ToArray().Select(mechanism => mechanism.Text) ?? [];

    private static async Task<string> SubjectAsync(ListenerFixture on)
    {
        await using var client = await on.ConnectAsync();
        await client.EncryptAsync();
        return client.Tls!.RemoteCertificate!.Subject;
    }

    private static SslClientAuthenticationOptions With(X509Certificate2 certificate) => new() { ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true) };

    private static X509Certificate2 ClientCertificate(string jid)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=alice", key, HashAlgorithmName.SHA256);
        var address = new System.Formats.Asn1.AsnWriter(System.Formats.Asn1.AsnEncodingRules.DER);
        using (address.PushSequence())
        using (address.PushSequence(new System.Formats.Asn1.Asn1Tag(System.Formats.Asn1.TagClass.ContextSpecific, 0)))
        {
            address.WriteObjectIdentifier("1.3.6.1.5.5.7.8.5"); // id-on-xmppAddr (RFC 6120 §13.7.1.4)
            using (address.PushSequence(new System.Formats.Asn1.Asn1Tag(System.Formats.Asn1.TagClass.ContextSpecific, 0)))
            {
                address.WriteCharacterString(System.Formats.Asn1.UniversalTagNumber.UTF8String, jid);
            }
        }

        request.CertificateExtensions.Add(new X509Extension("2.5.29.17", address.Encode(), critical: false));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.2")], false));
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(90));
    }
}
