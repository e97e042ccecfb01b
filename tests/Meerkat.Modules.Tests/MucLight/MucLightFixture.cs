using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;
using Meerkat.Modules.Disco;
using Meerkat.Modules.MucLight;
using Meerkat.Modules.Tests.Doubles;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;
using Xunit;

namespace Meerkat.Modules.Tests.MucLight;

/// <summary>A server with light rooms, and what tests of them say again and again.</summary>
internal static class MucLightFixture
{
    public const string Service = "muclight.example.test";
    public const string Coven = "coven@" + Service;
    public const string BadRequest = "bad-request";
    public const string NotFound = "item-not-found";
    public const string NotAllowed = "not-allowed";

    public static Task<TestServer> StartAsync(MucLightOptions? options = null, Action<TestServerBuilder>? configure = null) => TestServer.StartAsync(with =>
    {
        with.Module<MucLightModule>(options).Module<DiscoModule>().Module<PlainPresenceModule>();
        configure?.Invoke(with);
    });

    /// <summary>A client that is there and takes messages.</summary>
    public static async Task<TestClient> ComeAsync(this TestServer server, string name, string? resource = null)
    {
        var client = await server.ConnectAsync(name, resource);
        await client.BecomeAvailableAsync();
        return client;
    }

    /// <summary>A room by the client, with others in it; all of them that are given as clients have read the notice.</summary>
    public static async Task<string> CreateAsync(this TestClient creator, string room, string users = "", string fields = "", params TestClient[] others)
    {
        var created = await creator.AskAsync($"<iq type='set' to='{room}'><query xmlns='{Ns.MucLightCreate}'><configuration>{fields}</configuration><occupants>{users}</occupants></query></iq>");
        Assert.True(created.Attribute("type") == "result", created.ToString());
        foreach (var other in others)
        {
            await other.ExpectAsync($"<message from='{room}' type='groupchat'><x xmlns='{Ns.MucLightAffiliations}'/></message>");
        }

        return await creator.VersionAsync(room);
    }

    public static string User(string name, string affiliation = "member") => $"<user affiliation='{affiliation}'>{name}@example.test</user>";

    public static async Task<string> VersionAsync(this TestClient client, string room) =>
        (await client.AskAsync($"<iq type='get' to='{room}'><query xmlns='{Ns.MucLightInfo}'/></iq>")).FirstChild!.Value.ChildText("version")!;

    public static Task<XmlElement> AffiliateAsync(this TestClient client, string room, params string[] users) =>
        client.AskAsync($"<iq type='set' to='{room}'><query xmlns='{Ns.MucLightAffiliations}'>{string.Concat(users)}</query></iq>");

    public static Task<XmlElement> ConfigureAsync(this TestClient client, string room, string fields) =>
        client.AskAsync($"<iq type='set' to='{room}'><query xmlns='{Ns.MucLightConfiguration}'>{fields}</query></iq>");

    /// <summary>The occupants as others see them: <c>alice:owner bob:member</c>.</summary>
    public static async Task<string> OccupantsAsync(this TestClient client, string room)
    {
        var answer = await client.AskAsync($"<iq type='get' to='{room}'><query xmlns='{Ns.MucLightAffiliations}'/></iq>");
        return string.Join(' ', answer.FirstChild!.Value.Children.Where(child => child.Name == "user").Select(user => $"{user.Text.Split('@')[0]}:{user.Attribute("affiliation")}"));
    }

    /// <summary>The users that a notice names: <c>alice:owner bob:none</c>.</summary>
    public static string Users(this XmlElement notice) => string.Join(
        ' ', notice.Child("x", Ns.MucLightAffiliations)!.Value.Children.Where(child => child.Name == "user").Select(user => $"{user.Text.Split('@')[0]}:{user.Attribute("affiliation")}").Order(StringComparer.Ordinal));

    public static void AssertResult(XmlElement answer) => Assert.True(answer.Attribute("type") == "result", answer.ToString());

    public static void AssertError(XmlElement answer, string condition) =>
        Assert.True(answer.Attribute("type") == "error" && answer.Child("error", Ns.Client)!.Value.Child(condition, Ns.StanzaErrors) is not null, $"expected {condition}, got {answer}");
}

/// <summary>What rooms tell archives, inboxes and markers. The archive's part gives ids, as an archive does.</summary>
public sealed class RoomWatch
{
    public List<RoomMessageContext> Messages { get; } = [];

    public List<RoomMemberChange> Members { get; } = [];

    public List<RoomGone> Gone { get; } = [];

    /// <summary>Whether the next message is kept from being broadcast.</summary>
    public bool Stops { get; set; }
}

/// <summary>Watches rooms. Its key is the first of all.</summary>
[Module("a_test_rooms", Options = typeof(RoomWatch))]
public sealed class RoomWatchModule(RoomWatch watch) : IModule
{
    public void Register(IModuleRegistry on)
    {
        on.Hook(RoomHooks.Message, RoomMessageSlot.Archive, (context, _) =>
        {
            context.Message = context.Message.Append(new XmlBuilder("stanza-id", Ns.StanzaIds).Attribute("by", context.Room.Jid.ToString()).Attribute("id", $"s{watch.Messages.Count}").Build());
            watch.Messages.Add(context);
            return new(watch.Stops ? HookResult.Stop : HookResult.Continue);
        });
        on.Hook(RoomHooks.MemberChanged, RoomMemberSlot.Observe, (change, _) =>
        {
            watch.Members.Add(change);
            return new(HookResult.Continue);
        });
        on.Hook(RoomHooks.Gone, RoomGoneSlot.Observe, (gone, _) =>
        {
            watch.Gone.Add(gone);
            return new(HookResult.Continue);
        });
        on.Hook(RoomHooks.Features, RoomFeatureSlot.Archive, (features, _) =>
        {
            features.List.Add("test:archive");
            return new(HookResult.Continue);
        });
        on.Hook(RoomHooks.Iq, RoomIqSlot.Archive, (asked, _) =>
        {
            if (!asked.Iq.Payload!.Value.IsIn("test:archive"))
            {
                return new(HookResult.Continue);
            }

            asked.Answer = Iq.Result(asked.Iq, new XmlBuilder("may", "test:archive").Attribute("read", asked.MayRead ? "1" : "0").Attribute("own", asked.IsOwner ? "1" : "0").Build());
            return new(HookResult.Stop);
        });
    }
}
