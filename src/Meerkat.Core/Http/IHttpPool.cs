namespace Meerkat.Core.Http;

/// <summary>Asks one web service (<c>[outgoing_pools.http.&lt;tag&gt;]</c>): bounded in connections, in those that wait for one, and in time. Safe for concurrent use.</summary>
public interface IHttpPool
{
    /// <summary>A GET below the service's <c>path_prefix</c>.</summary>
    /// <param name="path">The path behind the prefix, without a slash before it.</param>
    /// <param name="query">The query's parameters, which are encoded here.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The answer, whatever its status.</returns>
    /// <exception cref="HttpPoolException">There was no answer: the service is gone, too slow, or too many wait for it.</exception>
    ValueTask<HttpPoolAnswer> GetAsync(string path, IReadOnlyList<KeyValuePair<string, string>> query, CancellationToken ct);
}

/// <summary>The pools of a server by host and tag. Safe for concurrent use.</summary>
public interface IHttpPools
{
    /// <summary>The pool of a tag as it is for a host; null when the configuration has none.</summary>
    IHttpPool? Find(string host, string tag);
}

/// <summary>What a web service answered.</summary>
/// <param name="Status">The status of HTTP.</param>
/// <param name="Body">The body, of a length that is bounded.</param>
public sealed record HttpPoolAnswer(int Status, string Body);

/// <summary>A web service did not answer.</summary>
/// <param name="message">Why.</param>
/// <param name="cause">What was thrown; null for nothing.</param>
public sealed class HttpPoolException(string message, Exception? cause) : Exception(message, cause);

/// <summary>A server without pools.</summary>
internal sealed class NoHttpPools : IHttpPools
{
    public IHttpPool? Find(string host, string tag) => null;
}
