using System.Globalization;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Core.Cluster;

/// <summary>How what a registry says travels and is kept.</summary>
internal static class RegistryCodec
{
    private const string Namespace = "meerkat:cluster";

    public static byte[] Encode(AccountSessions account)
    {
        var builder = new XmlBuilder("sessions", Namespace);
        Add(builder, account);
        return builder.Build().ToUtf8();
    }

    public static AccountSessions DecodeAccount(ReadOnlySpan<byte> bytes) => DecodeAccount(Parse(bytes));

    public static XmlElement Parse(ReadOnlySpan<byte> bytes) => XmlElement.Parse(bytes, "", XmlLimits.Unlimited);

    public static void Add(XmlBuilder builder, AccountSessions account)
    {
        builder.Attribute("account", account.Account.ToString()).Attribute("version", account.Version.ToString(CultureInfo.InvariantCulture));
        foreach (var session in account.Sessions)
        {
            builder.Add(session.Encode());
        }
    }

    public static AccountSessions DecodeAccount(XmlElement element)
    {
        var sessions = new List<SessionRecord>();
        foreach (var child in element.Children)
        {
            sessions.Add(SessionRecord.Decode(child));
        }

        return new AccountSessions(BareJid.Parse(element.Attribute("account")!), long.Parse(element.Attribute("version")!, CultureInfo.InvariantCulture), sessions);
    }
}
