using System.Runtime.InteropServices;
using Meerkat.Core;
using Meerkat.Core.Modules;
using Meerkat.Core.Routing;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.SoftwareVersion;

/// <summary>Software version: the server says which program it is.</summary>
/// <remarks>XEP-0092 v1.1, VER-001.</remarks>
[Module("mod_version", Options = typeof(SoftwareVersionOptions)), Xep(92, "1.1")]
[Announces(Announcer.Server, Ns.Version)]
public sealed class SoftwareVersionModule(SoftwareVersionOptions options) : IModule
{
    /// <inheritdoc/>
    public void Register(IModuleRegistry on) => on.Iq(Ns.Version, "query", IqTarget.Domain, Answer);

    private ValueTask<IqReply> Answer(IqRequest request, CancellationToken ct)
    {
        if (request.Type is IqType.Set)
        {
            return new(IqReply.Error(StanzaError.NotAllowed()));
        }

        var answer = new XmlBuilder("query", Ns.Version).Element("name", Product.Name).Element("version", Product.Version);
        return new(IqReply.Result((options.OsInfo ? answer.Element("os", RuntimeInformation.OSDescription) : answer).Build()));
    }
}
