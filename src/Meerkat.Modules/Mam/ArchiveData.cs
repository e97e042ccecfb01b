using System.Runtime.CompilerServices;
using System.Text;
using Meerkat.Core.Routing;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Mam;

/// <summary>Archives of accounts as personal data: section <c>mam_pm</c> (MAM-087, MAM-088).</summary>
internal sealed class AccountArchiveData(IArchiveStore store, ArchiveWriter writer, ArchivePreferenceCache? preferences, int removalLimit) : IAccountData
{
    private const int PageSize = 200;

    public async ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct)
    {
        await writer.FlushAsync(account);
        await store.RemoveAsync(account, ct);
        MamMetrics.ArchiveRemoved("pm");
        if (preferences is not null)
        {
            await preferences.RemoveAsync(account, ct);
        }
    }

    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        await writer.FlushAsync();
        await ArchiveSweeper.RemoveAsync(store, domain, long.MaxValue, removalLimit, ct);
        if (preferences is not null)
        {
            await preferences.RemoveDomainAsync(domain, ct);
        }
    }

    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        await writer.FlushAsync(account);
        long? after = null;
        while (await store.QueryAsync(account, new ArchiveQuery { After = after, Limit = PageSize, IsSimple = true }, ct) is { Messages.Count: > 0 } page)
        {
            yield return new PersonalDataSection(
                "mam_pm",
                ["id", "from", "message"],
                [.. page.Messages.Select(message => (IReadOnlyList<string>)[new StanzaId(message.Id).ToString(), message.From?.ToString() ?? "", Encoding.UTF8.GetString(message.Xml.Span)])]);
            after = page.Messages[^1].Id;
        }
    }
}

/// <summary>What accounts said in rooms as personal data: section <c>mam_muc</c>. It stays when they go; it goes with the domain (MAM-087, MAM-088).</summary>
internal sealed class RoomArchiveData(IRoomArchiveStore store, ArchiveWriter writer, ArchivePreferenceCache? preferences, Func<string, string?> serviceOf, int removalLimit) : IAccountData
{
    private const int PageSize = 200;

    public ValueTask RemoveAccountAsync(BareJid account, CancellationToken ct) => ValueTask.CompletedTask;

    public async ValueTask RemoveDomainAsync(string domain, CancellationToken ct)
    {
        if (serviceOf(domain) is not { } service)
        {
            return;
        }

        await writer.FlushAsync();
        await ArchiveSweeper.RemoveAsync(store, service, long.MaxValue, removalLimit, ct);
        if (preferences is not null)
        {
            await preferences.RemoveDomainAsync(service, ct);
        }
    }

    public async IAsyncEnumerable<PersonalDataSection> ExportAsync(BareJid account, [EnumeratorCancellation] CancellationToken ct)
    {
        await writer.FlushAsync();
        ArchiveEntry? after = null;
        while (await store.OfSenderAsync(account, after, PageSize, ct) is { Count: > 0 } page)
        {
            yield return new PersonalDataSection(
                "mam_muc",
                ["id", "message"],
                [.. page.Select(entry => (IReadOnlyList<string>)[new StanzaId(entry.Message.Id).ToString(), Encoding.UTF8.GetString(entry.Message.Xml.Span)])]);
            after = page[^1];
        }
    }
}
