using Meerkat.Core.Cluster;

namespace Meerkat.Core.Sessions;

/// <summary>What every <see cref="IBoundSession"/> can do. Safe for concurrent use.</summary>
public static class BoundSessionExtensions
{
    /// <summary>A record that a module keeps on the session; null when there is none.</summary>
    /// <typeparam name="T">The record.</typeparam>
    /// <remarks>Not a member of the interface: a call of a generic one is looked up each time, and modules ask this of every session for every stanza.</remarks>
    public static T? Get<T>(this IBoundSession session, SessionStateKey<T> key)
        where T : class => (T?)session.GetState(key);

    /// <summary>Waits while the session is far behind: for those who send much at once.</summary>
    /// <exception cref="TimeoutException">It does not get on.</exception>
    public static ValueTask ReadyAsync(this IBoundSession session, CancellationToken ct) => session switch
    {
        Session local => local.Output.ReadyAsync(ct),
        RemoteSession remote => remote.ReadyAsync(ct),
        _ => ValueTask.CompletedTask,
    };

    /// <summary>Another session took its full JID (CORE-124). Nobody waits for the end of this one.</summary>
    internal static void Replace(this IBoundSession session)
    {
        switch (session)
        {
            case Session local:
                local.Replace();
                break;
            case RemoteSession remote:
                remote.Replace();
                break;
        }
    }
}
