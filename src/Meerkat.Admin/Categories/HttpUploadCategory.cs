using System.Globalization;
using Meerkat.Admin.GraphQL;
using Meerkat.Core.Hosts;
using Meerkat.Modules.HttpUpload;
using Meerkat.Xmpp;

namespace Meerkat.Admin.Categories;

/// <summary><c>httpUpload</c> (GQA-UPLOAD-01, GQU-UPLOAD-01).</summary>
internal sealed class HttpUploadCategory(ServerContext server) : ICategory
{
    /// <inheritdoc/>
    public void Register(OperationMap admin, OperationMap user)
    {
        admin.Add("HttpUploadAdminMutation", "getUrl", call => GetUrl(call, server.Domains.TryFindAccounts(call.Text("domain"), out var found) ? found.Jid : throw Refusals.DomainNotFound(call.Text("domain"))));
        user.Add("HttpUploadUserMutation", "getUrl", call => GetUrl(call, call.Self));
    }

    private object GetUrl(OperationCall call, BareJid owner)
    {
        var (name, size) = (call.Text("filename"), call.Get<int>("size"));
        var uploads = server.Domains.TryFindAccounts(owner.Domain, out var found) ? found.Host.Operations<HttpUploadOperations>()! : throw Refusals.DomainNotFound(owner.Domain);
        if (size > uploads.MaxFileSize)
        {
            throw new OperationException("file_too_large_error", $"A file may have {uploads.MaxFileSize} bytes", ("domain", owner.Domain), ("filename", name), ("size", size));
        }

        var file = UploadRequest.From(name, size.ToString(CultureInfo.InvariantCulture), call.Find<string>("contentType") is { Length: > 0 } type ? type : null)
            ?? throw new OperationException("bad_request", "That is no name of a file or no media type", ("filename", name)); // ours: the reference takes anything
        var slot = uploads.GetUrl(owner, file, TimeSpan.FromSeconds(call.Get<int>("timeout")));
        return new { PutUrl = slot.Put, GetUrl = slot.Get, Headers = Array.Empty<object>() };
    }
}
