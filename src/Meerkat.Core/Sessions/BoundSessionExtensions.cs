namespace Meerkat.Core.Sessions;

/// <summary>What every <see cref="IBoundSession"/> can do. Safe for concurrent use.</summary>
public static class BoundSessionExtensions
{
    /// <summary>A record that a module keeps on the session; null when there is none.</summary>
    /// <typeparam name="T">The record.</typeparam>
    /// <remarks>Not a member of the interface: a call of a generic one is looked up each time, and modules ask this of every session for every stanza.</remarks>
    public static T? Get<T>(this IBoundSession session, SessionStateKey<T> key)
        where T : class => (T?)session.GetState(key);
}
