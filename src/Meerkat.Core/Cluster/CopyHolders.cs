using System.Diagnostics.CodeAnalysis;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Cluster;

/// <summary>Tells the nodes that hold copies of an account what it is now. Safe for concurrent use.</summary>
internal sealed class CopyHolders(ISessionRegistry registry, INodeLink link, IClusterMembers members, Func<ClusterNode, bool> isGone, TimeProvider time, ILogger log)
{
    /// <summary>Tells all who hold copies.</summary>
    /// <returns>False when one of them is a member and did not answer in time.</returns>
    public async ValueTask<bool> TellAsync(RegistryChange change, TimeSpan patience)
    {
        List<Task<bool>>? told = null;
        byte[]? body = null;
        foreach (var holder in change.Holders)
        {
            if (holder != link.Self && !isGone(holder))
            {
                (told ??= []).Add(TellAsync(holder, change.Now.Account, body ??= RegistryCodec.Encode(change.Now), patience));
            }
        }

        return told is null || Array.TrueForAll(await Task.WhenAll(told), hasHeard => hasHeard);
    }

    /// <summary>Tells the authority that a node holds copies no more.</summary>
    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: what was not released costs a word at the next change.")]
    public async Task ReleaseAsync(IReadOnlyList<BareJid> accounts, ClusterNode holder)
    {
        try
        {
            await registry.ReleaseAsync(accounts, holder, CancellationToken.None);
        }
        catch (Exception failure)
        {
            ClusterLog.RegistryAway(log, failure.Message);
        }
    }

    private async Task<bool> TellAsync(ClusterNode holder, BareJid account, byte[] body, TimeSpan patience)
    {
        try
        {
            await link.AskAsync(holder, NodeVerb.SessionsChanged, body, CancellationToken.None).AsTask().WaitAsync(patience, time);
            return true;
        }
        catch (Exception failure) when (failure is NodeUnreachableException or NodeRefusedException or TimeoutException)
        {
            if (!isGone(holder) && members.View.Has(holder))
            {
                return false;
            }

            // It left, or it was gone before this node came: nobody has to wait for it again.
            _ = ReleaseAsync([account], holder);
            return true;
        }
    }
}
