using Meerkat.Core.Modules;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Core.Portability;

/// <summary>A feature's piece of an account in the portable format of servers (XEP-0227): it says what it keeps, and takes over what another server kept.</summary>
/// <remarks>
/// Safe for concurrent use. A module gives one to <c>Portable</c>; programs that export and import accounts find them at the host type. Pieces come and go one at a time, so that an
/// archive of any length needs no memory. Nobody is told of what is imported: there are no sessions then.
/// </remarks>
public interface IPortableData
{
    /// <summary>The children of <c>user</c> that this feature writes and reads. No other feature has the same.</summary>
    IReadOnlyList<PortableElement> Elements { get; }

    /// <summary>All that is kept for an account.</summary>
    /// <returns>Pieces of the same element of which <see cref="PortableElement.IsContainer"/> holds stand together. Nothing kept: none.</returns>
    IAsyncEnumerable<PortablePiece> ExportAsync(BareJid account, CancellationToken ct);

    /// <summary>Says what of a piece cannot be taken over. Writes nothing.</summary>
    /// <returns>In words, for a person; empty when all of it can.</returns>
    IReadOnlyList<string> Check(BareJid account, PortablePiece piece);

    /// <summary>Takes over a piece, all of it but what <see cref="Check"/> names. What is kept already stays, except what the piece says anew.</summary>
    /// <remarks>A piece that was taken over before changes nothing, unless its element is a container without ids (waiting messages): those are added again.</remarks>
    ValueTask ImportAsync(BareJid account, PortablePiece piece, CancellationToken ct);

    /// <summary>As <see cref="ImportAsync(BareJid, PortablePiece, CancellationToken)"/>, for pieces that follow each other in one container with <see cref="PortableElement.HasIds"/>.</summary>
    /// <remarks>What was taken over of them when it failed is not known: all of them are given again.</remarks>
    async ValueTask ImportAsync(BareJid account, IReadOnlyList<PortablePiece> pieces, CancellationToken ct)
    {
        foreach (var piece in pieces)
        {
            await ImportAsync(account, piece, ct);
        }
    }
}

/// <summary>A child of <c>user</c> in the portable format.</summary>
/// <param name="Name">Local name.</param>
/// <param name="Namespace">Namespace.</param>
/// <param name="IsContainer">Whether its children are the pieces, of which there may be very many (else it is one piece itself).</param>
/// <param name="HasIds">Whether a piece of the container can be told from the others and be taken over twice without harm. They are taken over many at a time then, and an export that was interrupted
/// goes on within them.</param>
[Xep(227, "1.1", Partial = "personal eventing is not in the files yet")]
public sealed record PortableElement(string Name, string Namespace, bool IsContainer = false, bool HasIds = false);

/// <summary>A piece of an account: an element, or a child of a container.</summary>
/// <param name="Element">Which element it is, or is in.</param>
/// <param name="Xml">The piece.</param>
public readonly record struct PortablePiece(PortableElement Element, XmlElement Xml);
