using System.Collections.Immutable;
using System.Text.Json;
using LinqToDB.Mapping;
using Meerkat.Modules.MucLight;
using Meerkat.Storage.Sql.Owners;

namespace Meerkat.Storage.Sql.MucLight;

/// <summary>A room, whose address is its owner's.</summary>
[Table("muc_light_room")]
internal sealed class MucLightRoomRow : IOwnedRow
{
    [Column("owner_id"), PrimaryKey]
    public long OwnerId { get; init; }

    [Column("version"), NotNull]
    public string Version { get; init; } = "";

    /// <summary>A JSON object: values by internal key.</summary>
    [Column("configuration"), NotNull]
    public string Configuration { get; init; } = "{}";

    /// <summary>The name that people see, in lower case: for searches.</summary>
    [Column("folded_name"), NotNull]
    public string FoldedName { get; init; } = "";

    public static MucLightRoomRow From(long owner, MucLightRoom room) => new()
    {
        OwnerId = owner,
        Version = room.Version,
        Configuration = JsonSerializer.Serialize(room.Configuration.ToDictionary()),
        FoldedName = room.Name.ToLowerInvariant(),
    };

    public static ImmutableSortedDictionary<string, string> Read(string configuration) =>
        MucLightRoom.NoConfiguration.AddRange(JsonSerializer.Deserialize<Dictionary<string, string>>(configuration)!);
}
