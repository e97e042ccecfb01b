using Meerkat.Xmpp;

namespace Meerkat.Core.Sessions;

/// <summary>Looks at a stanza on its way to one session.</summary>
/// <returns>False when the session must not get it; the filter has answered for it then, if an answer is due.</returns>
public delegate bool DeliveryFilter(Session session, Stanza stanza);
