using System.Text.Json.Serialization;

namespace Meerkat.Cluster.Orleans.Membership;

/// <summary>What Orleans keeps of a member beside what the table has columns for.</summary>
internal sealed record MemberDetails
{
    public string? Host { get; init; }

    public string? Role { get; init; }

    public int ProxyPort { get; init; }

    public int UpdateZone { get; init; }

    public int FaultZone { get; init; }

    /// <summary>Who has found that the member does not answer, and when.</summary>
    public IReadOnlyList<MemberSuspicion> Suspects { get; init; } = [];
}

/// <summary>A vote against a member.</summary>
internal sealed record MemberSuspicion(string By, DateTimeOffset At);

[JsonSerializable(typeof(MemberDetails))]
internal sealed partial class MemberDetailsContext : JsonSerializerContext;
