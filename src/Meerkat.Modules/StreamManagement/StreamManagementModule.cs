using System.Globalization;
using Meerkat.Core.Cluster;
using Meerkat.Core.Hooks;
using Meerkat.Core.Hosts;
using Meerkat.Core.Modules;
using Meerkat.Core.Sessions;
using Meerkat.Core.Streams;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.StreamManagement;

/// <summary>Stream Management: acknowledged stanzas, and sessions that outlive their connection.</summary>
/// <remarks>XEP-0198 v1.6, CORE-205 to CORE-224, STM-001 to STM-016. The counting and the resumption are <see cref="Session"/>'s; here is what is said about them.</remarks>
[Module("mod_stream_management", Options = typeof(StreamManagementOptions)), Xep(198, "1.6.3", Partial = "max and location are not sent")]
[Announces(Announcer.Stream, Ns.StreamManagement)]
public sealed class StreamManagementModule(StreamManagementOptions options, ServerContext server) : IModule
{
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(5); // CORE-213
    private static readonly XmlElement s_feature = new XmlBuilder("sm", Ns.StreamManagement).Build();

    private readonly StaleCounts? _stale = options.StaleH.Enabled ? new StaleCounts(options.StaleH, server.Time) : null;

    private readonly StreamManagementSettings _settings = new(
        options.Ack ? options.AckFreq : 0, options.BufferMax, s_grace, options.ResumeTimeout, options.Buffer);

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        on.StreamFeature(FeaturePhase.Both, _ => s_feature); // CORE-205
        on.Nonza(Ns.StreamManagement, HandleAsync);
        if (_stale is not null)
        {
            on.Hook(SessionHooks.Closed, SessionSlot.StreamManagement, RememberAsync);
        }
    }

    private ValueTask<StreamStep> HandleAsync(NonzaContext context, CancellationToken ct)
    {
        switch (context.Element.Name)
        {
            case "enable" when context.Session is not null:
                return EnableAsync(context, context.Session, ct);
            case "resume" when context.Session is null && context.Stream.IsBinding:
                return ResumeAsync(context, ct);
            case "resume" when context.Session is { Output.IsManaged: true }:
                return Answer(context, Failed(StanzaError.BadRequest()), StreamStep.Continue); // CORE-219
            case "r" when context.Session is not null:
                if (context.Session.Output.IsManaged)
                {
                    context.Session.ReportHandled();
                }

                return new ValueTask<StreamStep>(StreamStep.Continue); // CORE-210: ignored while it is off
            case "a" when context.Session is not null:
                Acknowledge(context.Session, context.Element);
                return new ValueTask<StreamStep>(StreamStep.Continue);
            case "enable" or "resume" or "r" or "a":
                context.Stream.Send(Failed(StanzaError.UnexpectedRequest())); // CORE-206, STM-003
                return new ValueTask<StreamStep>(context.Session is null ? context.Stream.UseRetry() : StreamStep.Continue);
            default:
                return new ValueTask<StreamStep>(StreamStep.Continue);
        }
    }

    // CORE-207
    private ValueTask<StreamStep> EnableAsync(NonzaContext context, Session session, CancellationToken ct)
    {
        var resume = context.Element.Attribute("resume");
        if (session.Output.IsManaged || resume is not (null or "true" or "1"))
        {
            context.Stream.Send(Failed(StanzaError.UnexpectedRequest()));
            return context.Stream.CloseAsync(ct);
        }

        var id = RandomId.CreateLong();
        var enabled = new XmlBuilder("enabled", Ns.StreamManagement);
        if (resume is not null)
        {
            enabled.Attribute("id", id).Attribute("resume", "true");
        }

        session.Manage(_settings, id, enabled.Build());
        return new ValueTask<StreamStep>(StreamStep.Continue);
    }

    // CORE-212
    private static void Acknowledge(Session session, XmlElement element)
    {
        if (!session.Output.IsManaged)
        {
            return; // STM-003
        }

        if (!TryReadCount(element, out var h))
        {
            throw new StreamErrorException(StreamError.PolicyViolation("Invalid h attribute"));
        }

        session.Acknowledge(h);
    }

    // CORE-217 to CORE-220
    private async ValueTask<StreamStep> ResumeAsync(NonzaContext context, CancellationToken ct)
    {
        var stream = context.Stream;
        if (context.Element.Attribute("previd") is not { Length: > 0 } id || !TryReadCount(context.Element, out var h))
        {
            stream.Send(Failed(StanzaError.BadRequest()));
            return StreamStep.Continue;
        }

        // Whose session it is decides: an id that somebody else has got hold of is as good as unknown.
        if (server.Resumptions.Find(id) is { } session && session.Jid.Bare.Equals(stream.Account) && await stream.ResumeAsync(session, h, Resumed, ct))
        {
            return StreamStep.Continue;
        }

        if (server.Sessions is ClusterSessionDirectory cluster && await cluster.FindResumableAsync(stream.Account!, id, ct) is { } elsewhere
            && await stream.ResumeAsync(elsewhere, _settings, h, Resumed, ct))
        {
            return StreamStep.Continue;
        }

        stream.Send(Failed(StanzaError.ItemNotFound(), _stale?.Find(id, stream.Account!)));
        return stream.UseRetry();

        XmlElement Resumed(uint handled) => new XmlBuilder("resumed", Ns.StreamManagement).Attribute("previd", id).Attribute("h", Text(handled)).Build();
    }

    private ValueTask<HookResult> RememberAsync(SessionClosed closed, CancellationToken ct)
    {
        if (closed.Session.ResumptionId is { } id)
        {
            _stale!.Add(id, closed.Session.Jid.Bare, closed.Session.Watermark.Handled);
        }

        return new ValueTask<HookResult>(HookResult.Continue);
    }

    private static ValueTask<StreamStep> Answer(NonzaContext context, XmlElement answer, StreamStep step)
    {
        context.Stream.Send(answer);
        return new ValueTask<StreamStep>(step);
    }

    private static bool TryReadCount(XmlElement element, out uint h) =>
        uint.TryParse(element.Attribute("h"), NumberStyles.None, CultureInfo.InvariantCulture, out h);

    private static XmlElement Failed(StanzaError error, uint? h = null) =>
        new XmlBuilder("failed", Ns.StreamManagement).Attribute("h", h is { } count ? Text(count) : null).Element(error.Condition, Ns.StanzaErrors, null).Build();

    private static string Text(uint count) => count.ToString(CultureInfo.InvariantCulture);
}
