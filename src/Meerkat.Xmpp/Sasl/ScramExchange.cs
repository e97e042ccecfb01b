using System.Security.Cryptography;
using System.Text;

namespace Meerkat.Xmpp.Sasl;

/// <summary>SCRAM (RFC 5802, RFC 7677), with and without channel binding.</summary>
/// <remarks>An account that does not exist is taken through the whole exchange with made-up keys, as slowly as any other, and refused at its end (CORE-077, AUTH-169).</remarks>
internal sealed class ScramExchange(ScramHash hash, bool plus, SaslContext context) : SaslExchange
{
    private bool _asked;
    private ScramClientFirst? _first;
    private string _username = "";
    private string _nonce = "";
    private string _serverFirst = "";
    private ReadOnlyMemory<byte> _expectedBinding;
    private ScramKeys? _keys;
    private bool _isKnown;

    private protected override ValueTask<SaslStep> AnswerAsync(ReadOnlyMemory<byte> response, CancellationToken ct)
    {
        if (_first is { } first && _keys is { } keys)
        {
            return new(Finish(first, keys, response));
        }

        if (response.IsEmpty && !_asked)
        {
            _asked = true; // RFC 6120 §6.4.2: no initial response, so it is asked for
            return new(SaslStep.Challenge(default));
        }

        return BeginAsync(response, ct);
    }

    private async ValueTask<SaslStep> BeginAsync(ReadOnlyMemory<byte> response, CancellationToken ct)
    {
        if (ScramClientFirst.Parse(response.Span) is not { } first)
        {
            return SaslStep.Failure(SaslFailure.MalformedRequest);
        }

        if (!TryExpectBinding(first, out _expectedBinding) || !Stringprep.TryNodeprep(first.Username, out var username) || username.Length == 0)
        {
            return SaslStep.Failure(SaslFailure.NotAuthorized);
        }

        _username = username;

        // The decoy is made either way, so that both ways cost the same.
        var decoy = context.Decoy.Keys(context.Domain, _username, hash);
        var known = await context.Credentials.FindScramAsync(_username, hash, ct);
        _isKnown = known is not null;
        _keys = known ?? decoy;
        _first = first;
        _nonce = first.Nonce + context.CreateNonce();
        _serverFirst = $"r={_nonce},s={Convert.ToBase64String(_keys.Salt.Span)},i={_keys.Iterations}";
        return SaslStep.Challenge(Encoding.UTF8.GetBytes(_serverFirst));
    }

    private SaslStep Finish(ScramClientFirst first, ScramKeys keys, ReadOnlyMemory<byte> response)
    {
        if (ScramClientFinal.Parse(response.Span) is not { } final)
        {
            return SaslStep.Failure(SaslFailure.MalformedRequest);
        }

        var authMessage = Encoding.UTF8.GetBytes($"{first.Bare},{_serverFirst},{final.WithoutProof}");
        var proven = IsProof(final.Proof, keys, authMessage);

        // Not one short cut among them: which check failed must not be told by time either.
        var accepted = proven
            & CryptographicOperations.FixedTimeEquals(final.ChannelBinding, _expectedBinding.Span)
            & final.Nonce == _nonce
            & _isKnown;
        if (!accepted)
        {
            return SaslStep.Failure(SaslFailure.NotAuthorized);
        }

        if (first.AuthzId is { } authzId && !IsOwn(first, authzId))
        {
            return SaslStep.Failure(SaslFailure.InvalidAuthzid); // RFC 6120 §6.3.8: nobody here acts for somebody else
        }

        var signature = keys.Hash.Hmac(keys.ServerKey.Span, authMessage);
        return SaslStep.Success(_username, first.AuthzId, Encoding.ASCII.GetBytes("v=" + Convert.ToBase64String(signature)));
    }

    /// <summary>RFC 5802 §6: what <c>c=</c> must hold, or false when the flag does not go with the mechanism and with what was advertised.</summary>
    private bool TryExpectBinding(ScramClientFirst first, out ReadOnlyMemory<byte> expected)
    {
        ReadOnlyMemory<byte> data = default;
        var fits = first.Flag switch
        {
            ScramBindingFlag.None => !plus,

            // The client saw no -PLUS though there was one: somebody took it out on the way (CORE-079).
            ScramBindingFlag.ClientOnly => !plus && !context.Offer.OffersPlus(hash),
            ScramBindingFlag.Used => plus && context.ChannelBinding is { } channel && channel.TryGet(first.BindingType!, out data),
            _ => false,
        };
        expected = fits ? (byte[])[.. Encoding.UTF8.GetBytes(first.Gs2Header), .. data.Span] : default;
        return fits;
    }

    /// <summary>RFC 5802 §3: ClientKey = ClientProof XOR HMAC(StoredKey, AuthMessage), and H(ClientKey) is StoredKey.</summary>
    private static bool IsProof(ReadOnlySpan<byte> proof, ScramKeys keys, ReadOnlySpan<byte> authMessage)
    {
        var clientKey = keys.Hash.Hmac(keys.StoredKey.Span, authMessage);
        if (proof.Length != clientKey.Length)
        {
            return false;
        }

        for (var i = 0; i < clientKey.Length; i++)
        {
            clientKey[i] ^= proof[i];
        }

        return CryptographicOperations.FixedTimeEquals(keys.Hash.H(clientKey), keys.StoredKey.Span);
    }

    private bool IsOwn(ScramClientFirst first, string authzId) =>
        authzId == first.Username || (Jid.TryParse(authzId, out var jid) && jid.Local == _username && jid.Domain == context.Domain);
}
