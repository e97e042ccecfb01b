using System.ComponentModel.DataAnnotations;
using System.Xml;
using Meerkat.Core.Configuration;
using Meerkat.Modules.ExistenceCache;

namespace Meerkat.Modules.MucLight;

/// <summary>Options of <c>mod_muc_light</c>: a <c>[modules.mod_muc_light]</c> table (CONF-248).</summary>
public sealed record MucLightOptions : IValidatableObject
{
    /// <summary><c>host</c>: the subdomain of the rooms. Default <c>muclight.@HOST@</c>.</summary>
    [SubdomainTemplate]
    public string Host { get; init; } = "muclight.@HOST@";

    /// <summary><c>backend</c>: where rooms are kept. Default <c>mnesia</c>, the embedded store.</summary>
    public PersistentBackend Backend { get; init; } = PersistentBackend.Mnesia;

    /// <summary><c>cache_affs</c>: absent means that rooms are read from the store for every message (MUL-053).</summary>
    public RoomCacheOptions? CacheAffs { get; init; }

    /// <summary><c>equal_occupants</c>: rooms have no owners, and who creates one is a member. Default false. It does not let all invite or configure by itself.</summary>
    public bool EqualOccupants { get; init; }

    /// <summary><c>legacy_mode</c>: the service speaks XEP-0045's language in place of its own. Default false; the reference calls it deprecated since 6.8.</summary>
    public bool LegacyMode { get; init; }

    /// <summary><c>rooms_per_user</c>: the most rooms that somebody may be in; null is <c>"infinity"</c>, the default.</summary>
    [AtLeast(1), InfinityAllowed]
    public int? RoomsPerUser { get; init; }

    /// <summary><c>blocking</c>: whether accounts may block rooms and people (MUL-040). Default true.</summary>
    public bool Blocking { get; init; } = true;

    /// <summary><c>all_can_configure</c>: whether members may change a room's configuration. Default false.</summary>
    public bool AllCanConfigure { get; init; }

    /// <summary><c>all_can_invite</c>: whether members may add members. Default false.</summary>
    public bool AllCanInvite { get; init; }

    /// <summary><c>max_occupants</c>: the most occupants of a room; null is <c>"infinity"</c>, the default.</summary>
    [AtLeast(1), InfinityAllowed]
    public int? MaxOccupants { get; init; }

    /// <summary><c>rooms_per_page</c>: the most rooms in one answer of service discovery; null is <c>"infinity"</c>. Default 10.</summary>
    [AtLeast(1), InfinityAllowed]
    public int? RoomsPerPage { get; init; } = 10;

    /// <summary><c>rooms_in_rosters</c>: whether an account's rooms are in its roster (MUL-052). Default false.</summary>
    public bool RoomsInRosters { get; init; }

    /// <summary><c>allow_multiple_owners</c>: whether a room may have several owners. Default false.</summary>
    public bool AllowMultipleOwners { get; init; }

    /// <summary><c>promote_on_last_owner_leave</c>: whether a member becomes owner when the last one goes; else he cannot go (MUL-024). Default true.</summary>
    public bool PromoteOnLastOwnerLeave { get; init; } = true;

    /// <summary><c>config_schema</c>: the fields of a room's configuration. Default: <c>roomname</c> = "Untitled" and <c>subject</c> = "".</summary>
    public IReadOnlyList<ConfigFieldOptions> ConfigSchema { get; init; } =
    [
        new ConfigFieldOptions { Field = MucLightRoom.NameKey, StringValue = "Untitled" },
        new ConfigFieldOptions { Field = MucLightRoom.SubjectKey, StringValue = "" },
    ];

    /// <summary>Rules that join fields.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var twice in ConfigSchema.GroupBy(field => field.Field, StringComparer.Ordinal).Where(same => same.Count() > 1))
        {
            yield return new($"names the field \"{twice.Key}\" twice", [nameof(ConfigSchema)]);
        }

        foreach (var twice in ConfigSchema.GroupBy(field => field.Key, StringComparer.Ordinal).Where(same => same.Count() > 1))
        {
            yield return new($"names the internal key \"{twice.Key}\" twice", [nameof(ConfigSchema)]);
        }
    }
}

/// <summary>A field of rooms' configurations: a <c>[[modules.mod_muc_light.config_schema]]</c> table. It has one default, whose kind is that of its values.</summary>
public sealed record ConfigFieldOptions : IValidatableObject
{
    /// <summary><c>field</c>: its name on the wire, where it is an element: an XML name.</summary>
    [NonEmpty]
    public required string Field { get; init; }

    /// <summary><c>string_value</c>: default of a field that holds any text.</summary>
    public string? StringValue { get; init; }

    /// <summary><c>integer_value</c>: default of a field that holds whole numbers.</summary>
    public long? IntegerValue { get; init; }

    /// <summary><c>float_value</c>: default of a field that holds numbers.</summary>
    public double? FloatValue { get; init; }

    /// <summary><c>boolean_value</c>: default of a field that holds <c>true</c> or <c>false</c>.</summary>
    public bool? BooleanValue { get; init; }

    /// <summary><c>internal_key</c>: its name in the store, by which <c>roomname</c>, <c>subject</c>, <c>all_can_configure</c> and <c>all_can_invite</c> have their meaning (MUL-060). Default: <c>field</c>.</summary>
    [NonEmpty]
    public string? InternalKey { get; init; }

    internal string Key => InternalKey ?? Field;

    /// <summary>Rules that join keys.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (new object?[] { StringValue, IntegerValue, FloatValue, BooleanValue }.Count(value => value is not null) != 1)
        {
            yield return new("must have exactly one of string_value, integer_value, float_value and boolean_value");
        }

        if (Field == "version" || !IsName(Field))
        {
            yield return new("must be a name that an XML element can have, and not \"version\"", [nameof(Field)]);
        }
    }

    private static bool IsName(string text) => text.Length > 0 && XmlConvert.IsStartNCNameChar(text[0]) && text.All(XmlConvert.IsNCNameChar);
}

/// <summary>The cache of rooms: the <c>[modules.mod_muc_light.cache_affs]</c> table.</summary>
public sealed record RoomCacheOptions
{
    /// <summary><c>strategy</c>: whether a room that is used stays longer. Default <c>fifo</c>: it does not.</summary>
    public CacheStrategy Strategy { get; init; } = CacheStrategy.Fifo;

    /// <summary><c>time_to_live</c>: in minutes, how long a segment takes rooms before the next one does; null is <c>"infinity"</c>. Default 480.</summary>
    [AtLeast(1), InfinityAllowed, Unit(TimeUnit.Minutes)]
    public TimeSpan? TimeToLive { get; init; } = TimeSpan.FromMinutes(480);

    /// <summary><c>number_of_segments</c>: into how many parts the cache is cut, by age. Default 3.</summary>
    [AtLeast(1)]
    public int NumberOfSegments { get; init; } = 3;
}
