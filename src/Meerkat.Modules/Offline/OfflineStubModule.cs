using Meerkat.Core.Hooks;
using Meerkat.Core.Modules;

namespace Meerkat.Modules.Offline;

/// <summary>Takes what nobody else wanted to keep for an offline recipient, so that its sender gets no bounce. Nothing is stored.</summary>
/// <remarks>OFS-001. With an archive that keeps the message, a bounce would only mislead.</remarks>
[Module("mod_offline_stub")]
public sealed class OfflineStubModule : IModule
{
    /// <inheritdoc/>
    public void Register(IModuleRegistry on) =>
        on.Hook(MessageHooks.Offline, OfflineSlot.Stub, static (_, _) => new(HookResult.Stop));
}
