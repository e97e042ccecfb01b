using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;
using Meerkat.Core.Streams;
using Meerkat.Modules.Presences;
using Meerkat.Testing;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Tests.Presences;

/// <summary>Something waits for every session that becomes available.</summary>
[Module("test_presence_waiting")]
public sealed class WaitingModule : IModule
{
    /// <inheritdoc/>
    public void Register(IModuleRegistry on) => on.Hook(SessionHooks.Available, SessionSlot.Offline, (available, _) =>
    {
        var text = $"{available.WasAvailable} {available.Session.Priority}";
        available.Session.Deliver(Message.Create(MessageType.Normal, null, available.Session.Jid, null, new XmlBuilder("body", Ns.Client).Text(text).Build()));
        return new(HookResult.Continue);
    });
}

/// <summary>Resumes the session that a test has put under stream management.</summary>
[Module("test_presence_resume")]
public sealed class ManagingModule : IModule
{
    /// <inheritdoc/>
    public void Register(IModuleRegistry on) => on.Nonza("meerkat:test", async (context, ct) =>
    {
        var old = context.Stream.Domain!.Host.Server.Sessions.Local.Single(session => session.ResumptionId == "previd");
        await context.Stream.ResumeAsync(old, 0, _ => new XmlBuilder("resumed", "meerkat:test").Build(), ct);
        return StreamStep.Continue;
    });
}

/// <summary>A privacy list that denies one account.</summary>
/// <param name="broadcast">What the presence module offers.</param>
[Module("test_presence_denying"), Needs("mod_presence")]
public sealed class DenyingModule(IPresenceBroadcast broadcast) : IModule
{
    /// <summary>Who is denied; null for nobody.</summary>
    public string? Denied { get; set; }

    /// <summary>The contract under test.</summary>
    public IPresenceBroadcast Broadcast => broadcast;

    /// <summary>The module of a server.</summary>
    public static DenyingModule In(TestServer server) => (DenyingModule)server.Host.Modules["test_presence_denying"];

    /// <inheritdoc/>
    public void Register(IModuleRegistry on) => on.Hook(PrivacyHooks.Check, PrivacySlot.Lists, (question, _) =>
        new(!question.Incoming && question.Stanza.To!.Bare.ToString() == Denied ? HookResult.Stop : HookResult.Continue));
}
