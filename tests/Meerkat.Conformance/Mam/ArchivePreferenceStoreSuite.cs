using Meerkat.Modules.Mam;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Conformance.Mam;

/// <summary>What every <see cref="IArchivePreferenceStore"/> does (MAM-021, MAM-024, MAM-087).</summary>
public abstract class ArchivePreferenceStoreSuite : StoreSuite<IArchivePreferenceStore>
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly BareJid Alice = BareJid.Parse("alice@one.example");
    private static readonly BareJid Bob = BareJid.Parse("bob@one.example");
    private static readonly BareJid Other = BareJid.Parse("alice@two.example");

    [Fact]
    public async Task Preferences_come_back_as_they_were_set_and_are_replaced_as_a_whole()
    {
        Assert.Null(await Store.GetAsync(Alice, None));
        await SetAsync(Alice, new(ArchiveDefault.Roster, [Jid.Parse("x.example/r \u00e9"), Bob], [Jid.Parse("c@far.example")]));
        await SetAsync(Bob, new(ArchiveDefault.Never, [], []));
        await ExpectAsync(Alice, new(ArchiveDefault.Roster, [Jid.Parse("x.example/r \u00e9"), Bob], [Jid.Parse("c@far.example")]));
        await ExpectAsync(Bob, new(ArchiveDefault.Never, [], []));

        await SetAsync(Alice, new(ArchiveDefault.Always, [], [Bob]));
        await ExpectAsync(Alice, new(ArchiveDefault.Always, [], [Bob]));
    }

    [Fact]
    public async Task Preferences_are_removed()
    {
        foreach (var owner in (BareJid[])[Alice, Bob, Other])
        {
            await SetAsync(owner, new(ArchiveDefault.Never, [Bob], []));
        }

        await Store.RemoveAsync(Alice, None);
        await Store.RemoveAsync(Alice, None);
        Assert.Null(await Store.GetAsync(Alice, None));
        Assert.NotNull(await Store.GetAsync(Bob, None));
        await Store.RemoveDomainAsync("one.example", None);
        Assert.Null(await Store.GetAsync(Bob, None));
        Assert.NotNull(await Store.GetAsync(Other, None));
    }

    private async Task SetAsync(BareJid owner, ArchivePreferences preferences) => await Store.SetAsync(owner, preferences, None);

    private async Task ExpectAsync(BareJid owner, ArchivePreferences expected)
    {
        var found = await Store.GetAsync(owner, None);
        Assert.NotNull(found);
        Assert.Equal(expected.Default, found.Default);
        Assert.Equal(expected.Always, found.Always);
        Assert.Equal(expected.Never, found.Never);
    }
}
