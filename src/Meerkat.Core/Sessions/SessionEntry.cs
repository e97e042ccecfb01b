using Meerkat.Xmpp;

namespace Meerkat.Core.Sessions;

/// <summary>A session as a <see cref="ISessionTable"/> knows it.</summary>
/// <param name="Jid">Its address.</param>
/// <param name="Node">The node that it lives on.</param>
/// <param name="Id">Tells it from every other session, of this address too. No colon and no at sign; of one address and node the later session has the greater one, by ordinal comparison.</param>
public readonly record struct SessionEntry(FullJid Jid, string Node, string Id);
