using System.Text;
using Meerkat.Modules.Mam;
using Meerkat.Storage.Sql.Mam;
using Meerkat.Storage.Sql.Owners;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Storage.Sql.Tests.Mam;

/// <summary>An archive that knows its owner's id goes on when the owner was removed behind its back: on another node, or with its account.</summary>
public sealed class RemovedOwnerTests
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid s_alice = BareJid.Parse("alice@one.example");
    private static readonly BareJid s_bob = BareJid.Parse("bob@one.example");

    [Theory, MemberData(nameof(Backends.All), MemberType = typeof(Backends))]
    public async Task No_message_is_lost_when_its_owner_was_made_anew(Backend backend)
    {
        await using var test = await backend.CreateAsync();
        var store = new SqlAccountArchiveStore(test.Database);
        await store.AppendAsync([Make(1)], None);
        await new SqlOwners(test.Database).RemoveAccountAsync(s_alice, None);
        await store.AppendAsync([Make(2)], None);
        Assert.Equal([2L], (await store.QueryAsync(s_alice, new ArchiveQuery(), None))!.Messages.Select(message => message.Id));
    }

    private static ArchiveEntry Make(long id) =>
        new(s_alice, new ArchivedMessage(id, s_bob, Encoding.UTF8.GetBytes("<message/>")) { Remote = s_bob });
}
