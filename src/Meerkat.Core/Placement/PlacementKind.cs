using Meerkat.Xml;

namespace Meerkat.Core.Placement;

/// <summary>A kind of keys: its name, the bound of a writer's inbox, and how commands and replies travel between nodes.</summary>
/// <typeparam name="TCommand">What a writer is told.</typeparam>
/// <typeparam name="TReply">What it answers.</typeparam>
/// <param name="name">Name, unique in the server; it is in logs and errors.</param>
/// <param name="command">How a command travels.</param>
/// <param name="reply">How a reply travels.</param>
public sealed class PlacementKind<TCommand, TReply>(string name, PlacementCodec<TCommand> command, PlacementCodec<TReply> reply)
{
    /// <summary>Name, unique in the server.</summary>
    public string Name { get; } = name;

    /// <summary>How a command travels.</summary>
    public PlacementCodec<TCommand> Command { get; } = command;

    /// <summary>How a reply travels.</summary>
    public PlacementCodec<TReply> Reply { get; } = reply;

    /// <summary>How many commands may wait for one writer. Default 4096.</summary>
    public int MaxWaiting { get; init; } = 4096;
}

/// <summary>How a value travels between nodes.</summary>
/// <typeparam name="T">The value.</typeparam>
/// <param name="Encode">Makes an element of the value.</param>
/// <param name="Decode">Makes the value of that element.</param>
public sealed record PlacementCodec<T>(Func<T, XmlElement> Encode, Func<XmlElement, T> Decode)
{
    /// <summary>The value after a journey.</summary>
    internal T Carry(T value) => Decode(XmlElement.Parse(Encode(value).ToUtf8(), "", XmlLimits.Unlimited));
}
