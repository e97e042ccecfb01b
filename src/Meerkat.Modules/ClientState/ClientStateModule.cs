using Meerkat.Core.Modules;
using Meerkat.Core.Streams;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.ClientState;

/// <summary>Client State Indication: stanzas wait while nobody looks at the client.</summary>
/// <remarks>XEP-0352 v1.0, CORE-225 to CORE-228. Everything waits, in order; a resumed session is active, because holding back belongs to the connection.</remarks>
[Module("mod_csi", Options = typeof(ClientStateOptions)), Xep(352, "1.0.0")]
[Announces(Announcer.Stream, Ns.Csi)]
public sealed class ClientStateModule(ClientStateOptions options) : IModule
{
    private static readonly XmlElement s_feature = new XmlBuilder("csi", Ns.Csi).Build();

    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        ClientStateMetrics.Begin();
        on.StreamFeature(FeaturePhase.Both, _ => s_feature); // CORE-061
        on.Nonza(Ns.Csi, HandleAsync);
    }

    private ValueTask<StreamStep> HandleAsync(NonzaContext context, CancellationToken ct)
    {
        if (context.Session is { } session)
        {
            switch (context.Element.Name)
            {
                case "inactive":
                    ClientStateMetrics.Said("inactive");
                    session.Output.Hold(options.BufferMax ?? int.MaxValue);
                    break;
                case "active":
                    ClientStateMetrics.Said("active");
                    session.Output.Release();
                    break;
                default:
                    context.Stream.Send(context.Element.WithAttribute("type", "error").With(StanzaError.BadRequest().ToElement()));
                    break;
            }
        }

        return new ValueTask<StreamStep>(StreamStep.Continue);
    }
}
