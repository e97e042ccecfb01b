namespace Meerkat.Load.Client;

/// <summary>The server did not do what a log-in or a request needs; the message says what it sent instead.</summary>
internal sealed class XmppException(string message) : Exception(message);
