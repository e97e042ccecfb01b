namespace Meerkat.Server.Running;

/// <summary>The server cannot start, and the operator can do something about it.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="cause">What failed.</param>
public sealed class StartException(string message, Exception? cause = null) : Exception(message, cause);
