using System.Net;
using Meerkat.Core.Configuration;
using Meerkat.Core.Hosts;
using Meerkat.Modules.ExternalServices;
using Meerkat.Modules.HostMeta;
using Meerkat.Modules.HttpUpload;

namespace Meerkat.Server.Tests.Configuration;

/// <summary>Modules as a server of the first release has them, as far as the loader cares: keys and records of options.</summary>
internal static class TestCatalogue
{
    public static IReadOnlyDictionary<string, Type> Modules { get; } = new Dictionary<string, Type>
    {
        ["mod_adhoc"] = typeof(NoOptions),
        ["mod_blocking"] = typeof(NoOptions),
        ["mod_cache_users"] = typeof(NoOptions),
        ["mod_caps"] = typeof(NoOptions),
        ["mod_carboncopy"] = typeof(NoOptions),
        ["mod_csi"] = typeof(NoOptions),
        ["mod_disco"] = typeof(DiscoOptions),
        ["mod_extdisco"] = typeof(ExternalServicesOptions),
        ["mod_host_meta"] = typeof(HostMetaOptions),
        ["mod_http_upload"] = typeof(HttpUploadOptions),
        ["mod_inbox"] = typeof(Meerkat.Modules.Inbox.InboxOptions),
        ["mod_last"] = typeof(StoredOptions),
        ["mod_muc"] = typeof(Meerkat.Modules.Muc.MucOptions),
        ["mod_muc_light"] = typeof(Meerkat.Modules.MucLight.MucLightOptions),
        ["mod_mam"] = typeof(Meerkat.Modules.Mam.MamOptions),
        ["mod_offline"] = typeof(OfflineOptions),
        ["mod_ping"] = typeof(NoOptions),
        ["mod_presence"] = typeof(NoOptions),
        ["mod_privacy"] = typeof(StoredOptions),
        ["mod_private"] = typeof(StoredOptions),
        ["mod_register"] = typeof(RegisterOptions),
        ["mod_roster"] = typeof(RosterOptions),
        ["mod_sic"] = typeof(NoOptions),
        ["mod_smart_markers"] = typeof(Meerkat.Modules.SmartMarkers.SmartMarkersOptions),
        ["mod_stream_management"] = typeof(ResumptionOptions),
        ["mod_time"] = typeof(NoOptions),
        ["mod_vcard"] = typeof(StoredOptions),
        ["mod_version"] = typeof(NoOptions),
    };

    internal sealed record StoredOptions
    {
        public PersistentBackend Backend { get; init; }
    }

    internal sealed record DiscoOptions
    {
        public bool UsersCanSeeHiddenServices { get; init; } = true;
    }

    internal sealed record OfflineOptions
    {
        public PersistentBackend Backend { get; init; }

        [NonEmpty]
        public string AccessMaxUserMessages { get; init; } = "max_user_offline_messages";
    }

    internal sealed record RosterOptions
    {
        public PersistentBackend Backend { get; init; }

        public bool Versioning { get; init; }

        public bool StoreCurrentId { get; init; }
    }

    internal sealed record ResumptionOptions
    {
        public TransientBackend Backend { get; init; }

        [AtLeast(1), InfinityAllowed]
        public int? BufferMax { get; init; } = 100;
    }

    internal sealed record RegisterOptions
    {
        public string Access { get; init; } = "all";

        public IReadOnlyList<AddressPolicy> IpAccess { get; init; } = [];
    }

    internal sealed record AddressPolicy
    {
        public required IPNetwork Address { get; init; }

        public required Policy Policy { get; init; }
    }

    internal enum Policy
    {
        Allow,
        Deny,
    }
}
