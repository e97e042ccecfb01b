using System.Runtime.CompilerServices;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Offline;

/// <summary>The reference implementation of <see cref="IOfflineStore"/>, in memory.</summary>
public sealed class MemoryOfflineStore : IOfflineStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<BareJid, List<StoredMessage>> _messages = [];
    private readonly Dictionary<BareJid, OfflineClaim> _claims = [];
    private long _lastId;

    /// <inheritdoc/>
    public ValueTask<bool> AddAsync(BareJid account, OfflineMessage message, long limit, CancellationToken ct)
    {
        lock (_gate)
        {
            var messages = _messages.TryGetValue(account, out var known) ? known : _messages[account] = [];
            if (limit != long.MaxValue && messages.Count(stored => !IsExpired(stored, message.Stored)) >= limit)
            {
                return new(false);
            }

            messages.Add(new StoredMessage(++_lastId, message));
            return new(true);
        }
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StoredMessage>> PeekAsync(BareJid account, int max, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_messages.TryGetValue(account, out var messages) ? [.. messages.Take(max)] : []);
        }
    }

    /// <inheritdoc/>
    public ValueTask<string> ClaimAsync(BareJid account, OfflineClaim claim, DateTimeOffset now, string? gone, CancellationToken ct)
    {
        lock (_gate)
        {
            if (_claims.TryGetValue(account, out var held) && held.Holder != claim.Holder && held.Holder != gone && held.Until > now)
            {
                return new(held.Holder);
            }

            _claims[account] = claim;
            return new(claim.Holder);
        }
    }

    /// <inheritdoc/>
    public ValueTask UnclaimAsync(BareJid account, string holder, CancellationToken ct)
    {
        lock (_gate)
        {
            if (_claims.TryGetValue(account, out var held) && held.Holder == holder)
            {
                _claims.Remove(account);
            }
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RemoveAsync(BareJid account, IReadOnlyList<long> ids, CancellationToken ct)
    {
        Remove((owner, stored) => owner.Equals(account) && ids.Contains(stored.Id));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask<long> CountAsync(BareJid account, DateTimeOffset now, CancellationToken ct)
    {
        lock (_gate)
        {
            return new(_messages.TryGetValue(account, out var messages) ? messages.Count(stored => !IsExpired(stored, now)) : 0);
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> RemoveExpiredAsync(string domain, DateTimeOffset now, CancellationToken ct) =>
        new(Remove((owner, stored) => owner.Domain == domain && IsExpired(stored, now)));

    /// <inheritdoc/>
    public ValueTask<long> RemoveOlderAsync(string domain, DateTimeOffset moment, CancellationToken ct) =>
        new(Remove((owner, stored) => owner.Domain == domain && stored.Message.Stored < moment));

    /// <inheritdoc/>
    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct)
    {
        Remove((owner, _) => owner.Equals(account));
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        Remove((owner, _) => owner.Domain == domain);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        var messages = await PeekAsync(account, int.MaxValue, ct);
        if (messages.Count > 0)
        {
            yield return OfflineExport.Section(account, messages);
        }
    }

    private static bool IsExpired(StoredMessage stored, DateTimeOffset now) => stored.Message.Expires <= now;

    private long Remove(Func<BareJid, StoredMessage, bool> matches)
    {
        lock (_gate)
        {
            var removed = 0L;
            foreach (var (owner, messages) in _messages.ToArray())
            {
                removed += messages.RemoveAll(stored => matches(owner, stored));
                if (messages.Count == 0)
                {
                    _messages.Remove(owner);
                }
            }

            return removed;
        }
    }
}
