namespace Meerkat.Xmpp;

/// <summary>One of the options of a list field (XEP-0004 §3.2).</summary>
/// <param name="Value">What is sent back.</param>
/// <param name="Label">What is shown; null when not said.</param>
public sealed record DataOption(string Value, string? Label = null);
