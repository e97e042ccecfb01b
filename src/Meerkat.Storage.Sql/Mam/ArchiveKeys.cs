using Meerkat.Xmpp;

namespace Meerkat.Storage.Sql.Mam;

/// <summary>Numbers that stand for texts in the archive's indexes.</summary>
internal static class ArchiveKeys
{
    /// <summary>Of a contact.</summary>
    public static long OfRemote(BareJid remote) => RemoteKey.Of(remote);

    /// <summary>Of what makes a message the same when it is sent again (MAM-016): whose archive, with whom, in which direction, and the sender's own id.</summary>
    public static long OfOrigin(BareJid owner, BareJid remote, bool isOutgoing, string originId) =>
        RemoteKey.Of($"{owner}\n{remote}\n{(isOutgoing ? 'O' : 'I')}\n{originId}");
}
