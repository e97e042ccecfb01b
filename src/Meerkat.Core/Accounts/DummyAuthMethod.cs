using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;

namespace Meerkat.Core.Accounts;

/// <summary>Everybody is let in with any password, after a while; for load tests (AUTH-123, AUTH-192).</summary>
public sealed class DummyAuthMethod(DummyAuthOptions options, TimeProvider time) : IAuthMethod
{
    /// <inheritdoc/>
    public AuthMethod Method => AuthMethod.Dummy;

    /// <inheritdoc/>
    public SaslSupport Support { get; } = new() { Plain = true };

    /// <inheritdoc/>
    public ValueTask<bool> ExistsAsync(BareJid account, CancellationToken ct) => new(true);

    /// <inheritdoc/>
    public async ValueTask<bool> CheckPasswordAsync(BareJid account, string password, CancellationToken ct)
    {
        var some = TimeSpan.FromMilliseconds(Random.Shared.Next(1, (int)options.Variance.TotalMilliseconds + 1));
        await Task.Delay(options.BaseTime + some, time, ct);
        return true;
    }

    /// <summary>Accepted, without effect.</summary>
    public ValueTask<AccountResult> SetPasswordAsync(BareJid account, AccountPassword password, CancellationToken ct) => new(AccountResult.Ok);
}
