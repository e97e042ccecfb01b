using Meerkat.Core.Sessions;

namespace Meerkat.Core.Cluster;

/// <summary>What a node knows of an account's sessions. Immutable but for when it was used.</summary>
/// <param name="view">What the authority said.</param>
/// <param name="sessions">The sessions: those of this node as they are, those of others as they were told of; oldest first.</param>
internal sealed class AccountCopy(AccountSessions view, IBoundSession[] sessions)
{
    private int _used;

    public AccountSessions View => view;

    public IBoundSession[] Sessions => sessions;

    /// <summary>In which round of the clean-up it was looked at last.</summary>
    public int Used => Volatile.Read(ref _used);

    /// <summary>Somebody looks: written once a round, so that a busy account's line stays in every processor's cache.</summary>
    public void Use(int round)
    {
        if (_used != round)
        {
            Volatile.Write(ref _used, round);
        }
    }
}
