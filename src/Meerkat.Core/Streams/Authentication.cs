using Meerkat.Core.Accounts;
using Meerkat.Core.Modules;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Streams;

/// <summary>SASL on a client stream (RFC 6120 §6, CORE §7): one exchange at a time, a few attempts.</summary>
[Rfc(4505), Rfc(4616), Rfc(5802), Rfc(5929), Rfc(7677), Rfc(9266)]
[Xep(175, "1.2"), Xep(178, "1.2", Partial = "client streams only"), Xep(440, "1.0.0")]
[Announces(Announcer.StreamBefore, Ns.Sasl, Ns.SaslChannelBinding)]
internal sealed class Authentication(ClientStream stream)
{
    // What a stranger calls a mechanism becomes no name in the metrics, nor a line as long as it likes in the log.
    private const string Unknown = "unknown mechanism";

    private SaslExchange? _exchange;
    private AuthAttempt? _attempt;
    private string _mechanism = "";

    /// <summary>Forgets a running exchange: TLS starts (CORE-050).</summary>
    public void Reset() => _exchange = null;

    /// <summary>Adds <c>mechanisms</c> and what XEP-0440 says about channel bindings; nothing when no mechanism is usable (CORE-062).</summary>
    public void AddFeatures(XmlBuilder features)
    {
        var offer = Offer();
        if (offer.Mechanisms.Count == 0)
        {
            return;
        }

        if (offer.ChannelBindings.Count > 0)
        {
            features.Start("sasl-channel-binding", Ns.SaslChannelBinding);
            foreach (var type in offer.ChannelBindings)
            {
                features.Start("channel-binding").Attribute("type", type).End();
            }

            features.End();
        }

        features.Start("mechanisms", Ns.Sasl);
        foreach (var mechanism in offer.Mechanisms)
        {
            features.Element("mechanism", mechanism);
        }

        features.End();
    }

    /// <summary>Handles <c>auth</c>, <c>response</c> or <c>abort</c>.</summary>
    public async ValueTask<StreamStep> HandleAsync(XmlElement element, CancellationToken ct)
    {
        if (!element.IsIn(Ns.Sasl))
        {
            throw new StreamErrorException(StreamError.InvalidNamespace); // CORE-032
        }

        if (stream.Profile.RequiresTls && stream.Transport.CanStartTls)
        {
            throw new StreamErrorException(StreamError.EncryptionRequired); // CORE-033
        }

        switch (element.Name)
        {
            case "auth" when _exchange is null:
                await StartAsync(element, ct);
                break;
            case "response" when _exchange is not null:
                break;
            case "abort" when _exchange is not null: // CORE-071
                return Fail(SaslFailure.Aborted, null);
            default:
                return _exchange is null ? StreamStep.Continue : Fail(SaslFailure.MalformedRequest, null);
        }

        return _exchange is null ? Fail(SaslFailure.InvalidMechanism, null) : await NextAsync(element, ct);
    }

    private async ValueTask StartAsync(XmlElement element, CancellationToken ct)
    {
        var domain = stream.Domain!;
        var mechanism = element.Attribute("mechanism") ?? "";
        _mechanism = SaslMechanisms.IsKnown(mechanism) ? mechanism : Unknown;
        _attempt = domain.Host.Auth.StartLogin(domain.Jid.Domain, stream.Profile.AllowedAuthMethods);
        _exchange = SaslMechanisms.Create(mechanism, new SaslContext(domain.Jid.Domain, _attempt, Offer())
        {
            ChannelBinding = stream.Transport.Facts.ChannelBinding,
            ClientCertificate = stream.Transport.Facts.ClientCertificate,
            External = domain.Host.Auth.ExternalMapping,
            Decoy = await domain.Host.Auth.DecoyAsync(ct),
        });
    }

    private SaslOffer Offer() =>
        stream.Domain!.Host.Auth.Offer(stream.Transport.Facts.ChannelBinding, stream.Transport.Facts.ClientCertificate is not null);

    private async ValueTask<StreamStep> NextAsync(XmlElement element, CancellationToken ct)
    {
        SaslStep step;
        try
        {
            step = await _exchange!.NextAsync(SaslBase64.Decode(element.Text), ct);
        }
        catch (AuthUndecidedException)
        {
            return Fail(SaslFailure.TemporaryAuthFailure, null); // the chain has logged why
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            StreamLog.AuthenticationBroken(stream.Server.Loggers.CreateLogger<ClientStream>(), failure, stream.Id, _mechanism);
            return Fail(SaslFailure.TemporaryAuthFailure, null);
        }

        switch (step.Kind)
        {
            case SaslStepKind.Challenge:
                stream.Send(new XmlBuilder("challenge", Ns.Sasl).Text(SaslBase64.Encode(step.Data!.Value.Span)).Build());
                return StreamStep.Continue;
            case SaslStepKind.Failure:
                return Fail(step.Condition, step.Text);
            default:
                return Succeed(step);
        }
    }

    private StreamStep Succeed(SaslStep step)
    {
        if (!BareJid.TryCreate(step.Username, stream.Domain!.Jid.Domain, out var account))
        {
            return Fail(SaslFailure.NotAuthorized, null); // CORE-074
        }

        if (stream.ClaimedIdentity is { } claimed && !claimed.Equals(account))
        {
            throw new StreamErrorException(StreamError.InvalidFrom); // CORE-034
        }

        ServerMetrics.Authenticated(_mechanism, succeeded: true);
        stream.Authenticate(account, new Login(_attempt!.Method?.ToString().ToLowerInvariant() ?? "", _mechanism));
        stream.Send(new XmlBuilder("success", Ns.Sasl).Text(step.Data is { } data ? SaslBase64.Encode(data.Span) : null).Build());
        _exchange = null;
        return StreamStep.Restart;
    }

    private StreamStep Fail(SaslFailure condition, string? text)
    {
        _exchange = null;
        ServerMetrics.Authenticated(_mechanism, succeeded: false);
        StreamLog.AuthenticationFailed(stream.Server.Loggers.CreateLogger<ClientStream>(), stream.Id, stream.Transport.Facts.Remote, _mechanism, _attempt?.Account?.ToString() ?? "somebody", stream.Domain!.Jid.Domain, condition.ElementName());
        var failure = new XmlBuilder("failure", Ns.Sasl).Element(condition.ElementName());
        if (text is not null)
        {
            failure.Start("text").Lang("en").Text(text).End();
        }

        stream.Send(failure.Build());
        return stream.UseRetry();
    }
}
