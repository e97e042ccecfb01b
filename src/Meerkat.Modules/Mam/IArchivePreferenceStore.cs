using Meerkat.Xmpp;

namespace Meerkat.Modules.Mam;

/// <summary>Keeps what owners want archived (XEP-0441). Safe for concurrent use.</summary>
public interface IArchivePreferenceStore
{
    /// <summary>The preferences of an account or a room; null when it has set none.</summary>
    ValueTask<ArchivePreferences?> GetAsync(BareJid owner, CancellationToken ct);

    /// <summary>Replaces the preferences, as a whole; durable when it completes.</summary>
    ValueTask SetAsync(BareJid owner, ArchivePreferences preferences, CancellationToken ct);

    /// <summary>Removes the preferences of an account or a room.</summary>
    ValueTask RemoveAsync(BareJid owner, CancellationToken ct);

    /// <summary>Removes the preferences of all owners of a domain.</summary>
    ValueTask RemoveDomainAsync(string domain, CancellationToken ct);
}

/// <summary>The same for rooms: another store where the two kinds of archives are in different places.</summary>
public interface IRoomArchivePreferenceStore : IArchivePreferenceStore;

/// <summary>What is archived for those who are on no list.</summary>
public enum ArchiveDefault
{
    /// <summary>Everything.</summary>
    Always,

    /// <summary>Nothing.</summary>
    Never,

    /// <summary>What contacts of the roster say that may see the owner's presence (MAM-022).</summary>
    Roster,
}

/// <summary>What an owner wants archived (XEP-0441 §2).</summary>
/// <param name="Default">For those who are on no list.</param>
/// <param name="Always">Full or bare JIDs whose messages are archived, each once.</param>
/// <param name="Never">Full or bare JIDs whose messages are not. Goes before <paramref name="Always"/> for a JID that is on both.</param>
public sealed record ArchivePreferences(ArchiveDefault Default, IReadOnlyList<Jid> Always, IReadOnlyList<Jid> Never)
{
    /// <summary>Those of who has set none (MAM-021).</summary>
    public static readonly ArchivePreferences Initial = new(ArchiveDefault.Always, [], []);

    /// <summary>Whether the lists say to archive what goes to and comes from a contact: its full JID first, then its bare one (MAM-022). Null leaves it to <see cref="Default"/>.</summary>
    public bool? Decide(Jid remote) => Listed(remote) ?? (remote is FullJid ? Listed(remote.Bare) : null);

    private bool? Listed(Jid jid) => Contains(Never, jid) ? false : Contains(Always, jid) ? true : null;

    private static bool Contains(IReadOnlyList<Jid> list, Jid jid)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i].Equals(jid))
            {
                return true;
            }
        }

        return false;
    }
}
