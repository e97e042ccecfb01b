using System.Globalization;
using Meerkat.Core.Hosts;
using Meerkat.Core.Routing;
using Meerkat.Modules.Disco;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Modules.HttpUpload;

/// <summary>The upload service on its subdomain: says what it is and gives slots (XEP-0363 §3, §4; HUP-001, HUP-002).</summary>
internal sealed class UploadService(HttpUploadOptions options, HttpUploadOperations operations, IUploadStore? store, IDisco? disco, HostType host) : IService
{
    private const string ModuleKey = "mod_http_upload";

    private readonly ServiceDisco _disco = new(ModuleKey, Describe(options), disco);

    /// <inheritdoc/>
    public string? Name => "HTTP File Upload";

    /// <inheritdoc/>
    public async ValueTask HandleAsync(Stanza stanza, CancellationToken ct)
    {
        switch (stanza)
        {
            case Iq { IsRequest: true } iq when _disco.TryAnswer(iq) is { } answer && iq.To!.IsDomain:
                await host.Server.Router.RouteAsync(answer, ct);
                break;
            case Iq { IsRequest: true } iq:
                var reply = await AnswerAsync(iq, ct);
                await host.Server.Router.RouteAsync(reply.Failure is { } error ? StanzaReplies.ErrorFor(iq, error)! : Iq.Result(iq, reply.Payload), ct);
                break;
            case Message:
                await host.Server.Router.ReplyErrorAsync(stanza, StanzaError.ServiceUnavailable(), ct);
                break;
        }
    }

    private static DiscoInfo Describe(HttpUploadOptions options)
    {
        var form = new DataFormBuilder(DataFormType.Result, Ns.HttpUpload);
        if (options.MaxFileSize is { } max)
        {
            form.Add("max-file-size", null, max.ToString(CultureInfo.InvariantCulture)); // HUP-005: without a limit there is no field
        }

        return new DiscoInfo([new DiscoIdentity("store", "file", "HTTP File Upload")], [Ns.HttpUpload]) { Forms = [form.Build()] };
    }

    private async ValueTask<IqReply> AnswerAsync(Iq iq, CancellationToken ct)
    {
        if (!iq.To!.IsDomain || iq.Payload is not { } payload || !payload.IsIn(Ns.HttpUpload))
        {
            return IqReply.Error(StanzaError.ServiceUnavailable());
        }

        if (iq.Type is IqType.Set)
        {
            return IqReply.Error(StanzaError.NotAllowed());
        }

        // Whoever is not ours could fill the disk: XEP-0363 §8 leaves it to the service.
        var requester = iq.From!.Bare;
        if (!host.Server.Domains.TryFindAccounts(requester.Domain, out var own) || !ReferenceEquals(own.Host, host))
        {
            return Refuse("forbidden", StanzaError.Forbidden());
        }

        if (!payload.Is("request", Ns.HttpUpload) || UploadRequest.Read(payload) is not { } file)
        {
            return Refuse("bad-request", StanzaError.BadRequest());
        }

        if (file.Size > options.MaxFileSize)
        {
            return Refuse("file-too-large", StanzaError.NotAcceptable() with { Application = TooLarge(options.MaxFileSize.Value) });
        }

        if (store is not null && operations.Disk is not null && !await store.FitsAsync(requester, file.Size, ct))
        {
            return Refuse("quota", StanzaError.ResourceConstraint("Quota reached"));
        }

        var slot = operations.GetUrl(requester, file);
        UploadMetrics.Slot();
        return IqReply.Result(new XmlBuilder("slot", Ns.HttpUpload)
            .Start("put").Attribute("url", slot.Put).End()
            .Start("get").Attribute("url", slot.Get).End()
            .Build());
    }

    private static IqReply Refuse(string reason, StanzaError error)
    {
        UploadMetrics.Refused(reason);
        return IqReply.Error(error);
    }

    // XEP-0363 §5.
    private static XmlElement TooLarge(long max) =>
        new XmlBuilder("file-too-large", Ns.HttpUpload).Element("max-file-size", max.ToString(CultureInfo.InvariantCulture)).Build();
}
