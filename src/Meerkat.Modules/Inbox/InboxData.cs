using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Inbox;

/// <summary>Inboxes as data of their accounts (INB-042): what waits to be written is written first.</summary>
internal sealed class InboxData(IInboxStore store, InboxWriter? writer, int limit) : IAccountData
{
    public async ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct)
    {
        await FlushAsync();
        await store.RemoveAccountAsync(account, ct);
    }

    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        await FlushAsync();
        while (limit < int.MaxValue && await store.RemoveSomeAsync(domain, limit, ct) == limit)
        {
            // In parts, so that nobody waits long for a lock.
        }

        await store.RemoveDomainAsync(domain, ct);
    }

    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        await FlushAsync();
        await foreach (var section in store.ExportAsync(account, ct))
        {
            yield return section;
        }
    }

    private Task FlushAsync() => writer?.FlushAsync() ?? Task.CompletedTask;
}
