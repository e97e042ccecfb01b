using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Meerkat.Admin.Http;

/// <summary>Reads the body of a request as a whole.</summary>
internal static class RequestBody
{
    /// <summary>Reads it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="max">The most bytes that it may have.</param>
    /// <returns>Null when it is larger.</returns>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContext context, int max)
    {
        if (context.Request.ContentLength > max)
        {
            return null;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = max;
        }

        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            return body.GetBuffer().AsMemory(0, (int)body.Length);
        }
        catch (BadHttpRequestException tooLarge) when (tooLarge.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return null;
        }
    }
}
