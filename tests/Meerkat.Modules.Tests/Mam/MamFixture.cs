using Meerkat.Core.Modules;
using Meerkat.Modules.Mam;
using Meerkat.Modules.Offline;
using Meerkat.Modules.Tests.Doubles;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.Mam;

/// <summary>A server with archives of accounts, and the words to ask them.</summary>
internal static class MamFixture
{
    public static readonly BareJid Alice = BareJid.Parse("alice@example.test");
    public static readonly BareJid Bob = BareJid.Parse("bob@example.test");

    public static async Task<TestServer> StartAsync(MamOptions? options = null, Action<TestServerBuilder>? with = null)
    {
        var server = await TestServer.StartAsync(builder =>
        {
            builder.Module<MamModule>(options ?? new MamOptions { Pm = new MamPmOptions() }).Module<PlainPresenceModule>().Module<OfflineStubModule>();
            with?.Invoke(builder);
        });
        await server.Accounts.AddAsync("alice@example.test", "secret");
        await server.Accounts.AddAsync("bob@example.test", "secret");
        return server;
    }


    public static async Task ChatAsync(this TestClient client, int count, string to = "bob@example.test")
    {
        for (var i = 1; i <= count; i++)
        {
            await client.SendAsync($"<message to='{to}' type='chat' id='m{i}'><body>{i}</body></message>");
        }

        await client.ExpectNothingAsync();
    }

    /// <summary>Asks the own archive, or that of somebody else.</summary>
    /// <param name="client">Who asks.</param>
    /// <param name="fields">Fields of the form: name and value.</param>
    /// <param name="page">Content of <c>set</c>; null for none.</param>
    /// <param name="ns">Namespace.</param>
    /// <param name="to">Whose archive; null for the own.</param>
    /// <param name="more">More children of the query.</param>
    public static async Task<Answer> QueryAsync(this TestClient client, (string, string)[]? fields = null, string? page = null, string ns = Ns.Mam, string? to = null, string more = "")
    {
        var form = fields is null ? "" : $"<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>{ns}</value></field>{string.Concat(fields.Select(field => $"<field var='{field.Item1}'><value>{field.Item2}</value></field>"))}</x>";
        var set = page is null ? "" : $"<set xmlns='http://jabber.org/protocol/rsm'>{page}</set>";
        var target = to is null ? "" : $" to='{to}'";
        await client.SendAsync($"<iq type='set' id='q'{target}><query xmlns='{ns}' queryid='f27'>{form}{set}{more}</query></iq>");
        var results = new List<XmlElement>();
        var iq = await client.ReceiveAsync(element =>
        {
            if (element.Name == "message" && element.Child("result", ns) is not null)
            {
                results.Add(element);
            }

            return element.Attribute("id") == "q";
        });
        return new Answer(results, iq, ns);
    }

    internal sealed record Answer(IReadOnlyList<XmlElement> Results, XmlElement Iq, string Ns)
    {
        public string?[] Bodies => [.. Messages.Select(message => message.ChildText("body"))];

        public string[] Ids => [.. Results.Select(result => result.Child("result", Ns)!.Value.Attribute("id")!)];

        public XmlElement[] Messages => [.. Results.Select(result => result.Child("result", Ns)!.Value.Child("forwarded", Xmpp.Ns.Forward)!.Value.Child("message", Xmpp.Ns.Client)!.Value)];

        public XmlElement Fin => Iq.Child("fin", Ns) ?? throw new InvalidOperationException($"no fin: {Iq}");

        public bool IsComplete => Fin.Attribute("complete") == "true";

        public XmlElement Set => Fin.Child("set", Xmpp.Ns.ResultSet)!.Value;

        public string? First => Set.ChildText("first");

        public string? Last => Set.ChildText("last");

        public string? Count => Set.ChildText("count");

        public string? Index => Set.Child("first")?.Attribute("index");

        public void ExpectError(string condition, string type)
        {
            var error = Iq.Child("error", Xmpp.Ns.Client);
            Assert.True(error?.Attribute("type") == type && error?.Child(condition, Xmpp.Ns.StanzaErrors) is not null, $"expected {condition}/{type}, got {Iq}");
            Assert.Empty(Results);
        }
    }

    internal sealed class Stores : IStoreProvider
    {
        public MemoryRoomArchiveStore Rooms { get; } = new();

        public MemoryArchivePreferenceStore Preferences { get; } = new();

        public IAccountArchiveStore Accounts { get; init; } = new MemoryAccountArchiveStore();

        public object? Create(Type contract, Core.Hosts.HostType host, object? options) =>
            contract == typeof(IAccountArchiveStore) ? Accounts : contract == typeof(IRoomArchiveStore) ? Rooms : contract == typeof(IArchivePreferenceStore) || contract == typeof(IRoomArchivePreferenceStore) ? Preferences : null;
    }
}
