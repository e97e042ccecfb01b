using System.Globalization;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.ServerIpCheck;

/// <summary>Server IP check: a client learns from which address and port the server sees it come.</summary>
/// <remarks>XEP-0279 v0.2, SIC-001. Behind a proxy it is the address that the PROXY header told.</remarks>
[Module("mod_sic"), Xep(279, "0.2")]
[Announces(Announcer.Server, Ns.Sic)]
public sealed class ServerIpCheckModule : IModule
{
    /// <inheritdoc/>
    public void Register(IModuleRegistry on)
    {
        on.Iq(Ns.Sic, "address", IqTarget.Domain, Answer);
        on.Iq(Ns.Sic, "address", IqTarget.OwnAccount, Answer);
    }

    private static ValueTask<IqReply> Answer(IqRequest request, CancellationToken ct)
    {
        if (request.Type is IqType.Set)
        {
            return new(IqReply.Error(StanzaError.NotAllowed()));
        }

        if (request.Origin?.Info.Remote is not { } remote)
        {
            return new(IqReply.Error(StanzaError.InternalServerError()));
        }

        var address = remote.Address.IsIPv4MappedToIPv6 ? remote.Address.MapToIPv4() : remote.Address;
        return new(IqReply.Result(new XmlBuilder("address", Ns.Sic)
            .Element("ip", address.ToString())
            .Element("port", remote.Port.ToString(CultureInfo.InvariantCulture))
            .Build()));
    }
}
