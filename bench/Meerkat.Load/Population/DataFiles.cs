using System.Diagnostics.CodeAnalysis;
using System.Text;
using Meerkat.Load.Client;

namespace Meerkat.Load.Population;

/// <summary>
/// Accounts and rosters as files that servers import, for those that would need many minutes to be told by the protocol: Prosody's data
/// folder, or XEP-0227 as ejabberd reads it. All accounts share one password and one salt.
/// </summary>
[SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "SCRAM-SHA-1 is the mechanism that all the servers share.")]
internal sealed class DataFiles(Target target, int users, int strangers, int mutual, int rounds)
{
    private const string Salt = "bench-bench-salt";

    private readonly ScramKeys _keys = ScramKeys.For(target.Password, Convert.ToBase64String(Encoding.ASCII.GetBytes(Salt)), rounds);

    public static DataFiles From(Target target, LoadArguments args) => new(
        target, args.Number("users", 5000), args.Number("contacts", 0), args.Number("mutual", 0), args.Number("rounds", 4096));

    /// <param name="folder">Prosody's <c>data_path</c>.</param>
    public void WriteProsody(string folder)
    {
        var accounts = Directory.CreateDirectory(Path.Combine(folder, target.Domain, "accounts")).FullName;
        var rosters = Directory.CreateDirectory(Path.Combine(folder, target.Domain, "roster")).FullName;
        for (var user = 0; user < users; user++)
        {
            File.WriteAllText(
                Path.Combine(accounts, target.Localpart(user) + ".dat"),
                $$"""
                return {
                    ["iteration_count"] = {{rounds}};
                    ["salt"] = "{{Salt}}";
                    ["stored_key"] = "{{Hex(_keys.StoredKey)}}";
                    ["server_key"] = "{{Hex(_keys.ServerKey)}}";
                };

                """);
            if (strangers + mutual == 0)
            {
                continue;
            }

            var items = Contacts(user).Select(contact =>
                $$"""    ["{{contact.Jid}}"] = { ["subscription"] = "{{contact.Subscription}}"; ["name"] = "{{contact.Name}}"; ["groups"] = {}; };""");
            File.WriteAllText(
                Path.Combine(rosters, target.Localpart(user) + ".dat"),
                $$"""
                return {
                    [false] = { ["version"] = 1; ["pending"] = {}; };
                {{string.Join('\n', items)}}
                };

                """);
        }
    }

    /// <param name="file">An XEP-0227 document, with SCRAM credentials in the encoding that ejabberd uses.</param>
    public void WriteEjabberd(string file)
    {
        using var xml = new StreamWriter(file);
        xml.Write($"<?xml version='1.0' encoding='UTF-8'?><server-data xmlns='urn:xmpp:pie:0'><host jid='{target.Domain}'>");
        for (var user = 0; user < users; user++)
        {
            xml.Write(
                $"<user name='{target.Localpart(user)}'><scram-credentials xmlns='urn:xmpp:pie:0#scram' mechanism='SCRAM-SHA-1'>" +
                $"<iter-count>{rounds}</iter-count><salt>{Twice(Encoding.ASCII.GetBytes(Salt))}</salt>" +
                $"<server-key>{Twice(_keys.ServerKey)}</server-key><stored-key>{Twice(_keys.StoredKey)}</stored-key></scram-credentials>");
            if (strangers + mutual > 0)
            {
                xml.Write("<query xmlns='jabber:iq:roster'>");
                foreach (var (jid, name, subscription) in Contacts(user))
                {
                    xml.Write($"<item jid='{jid}' name='{name}' subscription='{subscription}'/>");
                }

                xml.Write("</query>");
            }

            xml.Write("</user>\n");
        }

        xml.Write("</host></server-data>");
    }

    private IEnumerable<(string Jid, string Name, string Subscription)> Contacts(int user) =>
        Enumerable.Range(0, strangers).Select(contact => (ContactNames.Strange(user, contact, target.Domain), $"Friend {contact}", "none"))
            .Concat(ContactNames.Neighbours(user, users, mutual).Select(other => ($"{target.Localpart(other)}@{target.Domain}", $"User {other}", "both")));

    // COMPAT: ejabberd 23.01 writes, and therefore reads, the base64 text of its base64 text.
    private static string Twice(byte[] key) => Convert.ToBase64String(Encoding.ASCII.GetBytes(Convert.ToBase64String(key)));

    private static string Hex(byte[] key) => Convert.ToHexStringLower(key);
}
