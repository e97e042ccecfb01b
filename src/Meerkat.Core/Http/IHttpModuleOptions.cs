namespace Meerkat.Core.Http;

/// <summary>Options of a module that serves HTTP: some listener must have a <c>modules</c> handler then, which is checked with the configuration.</summary>
public interface IHttpModuleOptions
{
    /// <summary>Whether the module serves HTTP with these options.</summary>
    bool ServesHttp { get; }
}
