using System.Net;
using Meerkat.Core.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Meerkat.Connections.Http;

/// <summary>A request of ASP.NET as modules see it.</summary>
internal sealed class AspNetExchange(HttpContext context, string path) : HttpExchange
{
    public override string Method => context.Request.Method;

    public override string Host => context.Request.Host.Host.ToLowerInvariant();

    public override string Path => path;

    public override bool IsEncrypted => context.Request.IsHttps;

    public override IPAddress? Remote => context.Connection.RemoteIpAddress;

    public override long? ContentLength => context.Request.ContentLength;

    public override Stream Body => context.Request.Body;

    public override int Status
    {
        get => context.Response.StatusCode;
        set => context.Response.StatusCode = value;
    }

    public override Stream Output => context.Response.Body;

    public override string? Header(string name) => context.Request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    public override string? Query(string name) => context.Request.Query.TryGetValue(name, out var values) ? values[0] : null;

    public override void SetHeader(string name, string value) => context.Response.Headers[name] = value;

    public override void AllowBody(long bytes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = Math.Max(limit.MaxRequestBodySize ?? 0, bytes);
        }
    }
}
