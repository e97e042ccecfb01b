using System.Text.RegularExpressions;

namespace Meerkat.Interop.Tests;

/// <summary>Accounts from other servers and back, by the files that their own programs write and read (XEP-0227).</summary>
public sealed partial class PortabilityTests
{
    [Fact] // XEP-0227; RFC 5802: nobody has to choose a new password
    public async Task Accounts_come_from_ejabberd_with_their_passwords()
    {
        await using var ejabberd = await Ejabberd.StartAsync();
        Programs.NeedPython("slixmpp", "python3-slixmpp");
        await ejabberd.ControlAsync("register", "alice", "localhost", "wonder & <land>");
        await ejabberd.ControlAsync("register", "bob", "localhost", "secret");
        await ejabberd.ControlAsync("add_rosteritem", "alice", "localhost", "bob", "localhost", "Bob", "Friends", "both");
        await ejabberd.ControlAsync("set_vcard", "alice", "localhost", "FN", "Alice");
        await ejabberd.ControlAsync("private_set", "alice", "localhost", "<x xmlns='app:x'>milk</x>");
        await ejabberd.ControlAsync("send_message", "chat", "bob@localhost", "alice@localhost", "", "it waits");
        await ejabberd.ControlAsync("export_piefxis", Path.Combine(ejabberd.Folder, "out"));
        var file = Directory.GetFiles(Path.Combine(ejabberd.Folder, "out")).OrderBy(name => name.Length).First(); // the one that includes the others

        var exported = "";
        await using (var server = await ImportedAsync(file, server => exported = server))
        {
            await ClientProcess.PlayAsync(server, "with_slixmpp.py", "log_in", new Account("alice", "wonder & <land>"), null, "logged in", "pong", "stream closed");
        }

        foreach (var part in new[] { "<item jid='bob@localhost' subscription='both' name='Bob'><group>Friends</group></item>", "<FN>Alice</FN>", "<x xmlns='app:x'>milk</x>", "<body>it waits</body>", "<user name='bob'>" })
        {
            Assert.Contains(part, exported, StringComparison.Ordinal);
        }
    }

    [Fact] // XEP-0227; COMPAT: --for-ejabberd
    public async Task Accounts_go_back_to_ejabberd()
    {
        await using var ejabberd = await Ejabberd.StartAsync();
        var file = Path.Combine(ejabberd.Folder, "back.xml");
        await using (var server = await WithAccountAsync("dave", "otter & <meerkat>"))
        {
            Assert.Equal((0, true), await server.RunAsync("export", file, "--for-ejabberd") is var ran ? (ran.ExitCode, File.Exists(file)) : default);
        }

        await ejabberd.OwnAsync();
        await ejabberd.ControlAsync("import_piefxis", file);

        await ejabberd.ControlAsync("check_password", "dave", "localhost", "otter & <meerkat>"); // an exit code
    }

    [Fact] // XEP-0227; RFC 5802
    public async Task Accounts_come_from_Prosody_with_their_passwords()
    {
        await using var prosody = await Prosody.CreateAsync();
        Programs.NeedPython("slixmpp", "python3-slixmpp");
        await prosody.RegisterAsync("carol", "cheshire");
        Directory.CreateDirectory(Path.Combine(prosody.Folder, "data", "localhost", "roster"));
        await File.WriteAllTextAsync(
            Path.Combine(prosody.Folder, "data", "localhost", "roster", "carol.dat"),
            "return { [false] = { [\"version\"] = 1; [\"pending\"] = { [\"eve@example.org\"] = true } }; [\"bob@localhost\"] = { [\"subscription\"] = \"both\"; [\"name\"] = \"Bob\"; [\"groups\"] = { [\"Friends\"] = true } } };");
        await prosody.MigrateAsync("internal", "xep0227");

        var exported = "";
        await using (var server = await ImportedAsync(Path.Combine(prosody.Folder, "portable", "carol@localhost.xml"), server => exported = server))
        {
            await ClientProcess.PlayAsync(server, "with_slixmpp.py", "log_in", new Account("carol", "cheshire"), null, "logged in", "pong", "stream closed");
        }

        Assert.Contains("<item jid='bob@localhost' subscription='both' name='Bob'><group>Friends</group></item>", exported, StringComparison.Ordinal);
        Assert.Single(Pending().Matches(exported));
    }

    [Fact] // XEP-0227 §4.8: the messages that Prosody archived, once each and in their order, as its migrator writes them
    public async Task Archives_come_from_Prosody()
    {
        await using var prosody = await Prosody.CreateAsync();
        await prosody.RegisterAsync("carol", "cheshire");
        await prosody.RegisterAsync("dave", "cheshire");
        await prosody.TalkAsync("carol", "dave", "cheshire");
        await prosody.MigrateAsync("internal", "xep0227");

        var exported = "";
        await using (await ImportedAsync(Path.Combine(prosody.Folder, "portable", "carol@localhost.xml"), server => exported = server))
        {
            var written = Archived().Matches(exported).Select(message => (message.Groups[1].Value, message.Groups[2].Value)).ToArray();
            Assert.Equal([("dave@localhost", "one &amp; only"), ("carol@localhost/r", "zw\u00f6lf")], written);
        }
    }

    [Fact] // XEP-0227
    public async Task Accounts_go_back_to_Prosody()
    {
        await using var prosody = await Prosody.CreateAsync();
        var file = Path.Combine(prosody.Folder, "portable", "dave@localhost.xml");
        await using (var server = await WithAccountAsync("dave", "otter"))
        {
            Assert.Equal(0, (await server.RunAsync("export", file)).ExitCode);
        }

        await prosody.MigrateAsync("xep0227", "internal");

        var kept = await File.ReadAllTextAsync(Path.Combine(prosody.Folder, "data", "localhost", "accounts", "dave.dat"));
        var keys = Convert.FromBase64String(StoredKey().Match(await File.ReadAllTextAsync(file)).Groups[1].Value);
        Assert.Contains(Convert.ToHexStringLower(keys), kept, StringComparison.Ordinal);
    }

    private static async Task<ServerUnderTest> WithAccountAsync(string name, string password)
    {
        var server = new ServerUnderTest
        {
            Prepare = async server =>
            {
                var registered = await server.RunAsync("account", "register", $"{name}@localhost", "--password", password);
                Assert.True(registered.ExitCode == 0, registered.Output);
            },
        };
        await server.InitializeAsync();
        return server;
    }

    // Dry, then in earnest; and what it would export at once.
    private static async Task<ServerUnderTest> ImportedAsync(string file, Action<string> exported)
    {
        // Both keep keys for SHA-1 alone, and clients take the strongest hash that is offered.
        var server = new ServerUnderTest
        {
            Hashes = "\"sha\"",
            Prepare = async server =>
            {
                var dry = await server.RunAsync("import", file, "--dry-run");
                Assert.True(dry.ExitCode == 0, dry.Output);
                var imported = await server.RunAsync("import", file);
                Assert.True(imported.ExitCode == 0, imported.Output);
                exported((await server.RunAsync("export", "-")).Output.Replace('"', '\''));
            },
        };
        await server.InitializeAsync();
        return server;
    }

    [GeneratedRegex("<presence [^>]*from='eve@example.org' to='carol@localhost' type='subscribe'")]
    private static partial Regex Pending();

    [GeneratedRegex("<message [^>]*?to='([^']*)'[^>]*><body>([^<]*)</body>")]
    private static partial Regex Archived();

    [GeneratedRegex("mechanism='SCRAM-SHA-1'>.*?<stored-key>([^<]*)</stored-key>", RegexOptions.Singleline)]
    private static partial Regex StoredKey();
}
