using Meerkat.Core.Modules;
using Meerkat.Core.Portability;
using Meerkat.Xmpp;

namespace Meerkat.Server.Tests.Portability;

/// <summary>Notes what is imported, and tells a test of it at once. Its elements are such as no feature has.</summary>
[Module("a_test_storing")]
public sealed class StoringModule : IModule
{
    public void Register(IModuleRegistry on) => on.Portable(new Storing());
}

internal sealed class Storing : IPortableData
{
    public List<string> Imported { get; } = [];

    public Action? Happened { get; set; }

    public IReadOnlyList<PortableElement> Elements { get; } = [new("one", "app:test"), new("many", "app:test", IsContainer: true)];

    public IAsyncEnumerable<PortablePiece> ExportAsync(BareJid account, CancellationToken ct) => AsyncEnumerable.Empty<PortablePiece>();

    public IReadOnlyList<string> Check(BareJid account, PortablePiece piece) => [];

    public ValueTask ImportAsync(BareJid account, PortablePiece piece, CancellationToken ct)
    {
        Imported.Add($"{account.Local} {piece.Xml.Name}");
        Happened?.Invoke();
        return ValueTask.CompletedTask;
    }
}
