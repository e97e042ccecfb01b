using System.Text;
using Meerkat.Core.Sessions;
using Meerkat.Xmpp;
using StackExchange.Redis;

namespace Meerkat.Storage.Redis.Sessions;

/// <summary>The names of the reference's sets (OPS-035), and their members as text: <c>s5:user:server:hex of the resource:id@node</c>.</summary>
/// <remarks>A localpart has no colon (RFC 7622 §3.3.1); a domain may, as an IPv6 address: members are read from both ends.</remarks>
internal static class SessionKeys
{
    public static RedisKey OfAccount(BareJid account) => $"s2:{account.Local}:{account.Domain}";

    public static RedisKey OfJid(FullJid jid) => $"s3:{jid.Bare.Local}:{jid.Domain}:{jid.Resource}";

    public static RedisKey OfNode(string node) => $"n:{node}";

    public static string Member(SessionEntry entry) =>
        $"s5:{entry.Jid.Bare.Local}:{entry.Jid.Domain}:{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(entry.Jid.Resource))}:{entry.Id}@{entry.Node}";

    /// <summary>False for what is none of ours: of another version, or of the reference.</summary>
    public static bool TryParse(string member, out SessionEntry entry)
    {
        entry = default;
        if (!member.StartsWith("s5:", StringComparison.Ordinal))
        {
            return false;
        }

        var rest = member.AsSpan(3);
        var at = rest.LastIndexOf('@');
        var id = at < 0 ? -1 : rest[..at].LastIndexOf(':');
        var resource = id < 0 ? -1 : rest[..id].LastIndexOf(':');
        var domain = rest.IndexOf(':');
        if (domain < 0 || resource <= domain || !TryText(rest[(resource + 1)..id], out var text)
            || !Jid.TryParse($"{rest[..domain]}@{rest[(domain + 1)..resource]}/{text}", out var jid) || jid is not FullJid full)
        {
            return false;
        }

        entry = new SessionEntry(full, rest[(at + 1)..].ToString(), rest[(id + 1)..at].ToString());
        return true;
    }

    private static bool TryText(ReadOnlySpan<char> hex, out string text)
    {
        try
        {
            text = Encoding.UTF8.GetString(Convert.FromHexString(hex));
            return true;
        }
        catch (FormatException)
        {
            text = "";
            return false;
        }
    }
}
