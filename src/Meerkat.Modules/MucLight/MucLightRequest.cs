using System.Collections.Immutable;

namespace Meerkat.Modules.MucLight;

/// <summary>What an IQ asks of a room or of the service, in whichever language it was said.</summary>
internal abstract record MucLightRequest;

/// <summary>Which part of a room is asked for.</summary>
internal enum RoomPart
{
    /// <summary>The configuration.</summary>
    Configuration,

    /// <summary>The occupants.</summary>
    Affiliations,

    /// <summary>Both.</summary>
    Info,
}

/// <summary>A part of a room is asked for (MUL-020).</summary>
/// <param name="Part">Which.</param>
/// <param name="Version">The version that the client knows; null when it knows none.</param>
internal sealed record ReadRequest(RoomPart Part, string? Version) : MucLightRequest;

/// <summary>The configuration is to change (MUL-021).</summary>
/// <param name="Fields">New values by internal key.</param>
internal sealed record ConfigureRequest(ImmutableSortedDictionary<string, string> Fields) : MucLightRequest;

/// <summary>The occupants are to change (MUL-022).</summary>
/// <param name="Wanted">Who is to become what.</param>
internal sealed record AffiliateRequest(IReadOnlyList<MucLightOccupant> Wanted) : MucLightRequest;

/// <summary>A room is to be made (MUL-030).</summary>
/// <param name="Fields">Values by internal key.</param>
/// <param name="Others">Who else is to be in it.</param>
internal sealed record CreateRequest(ImmutableSortedDictionary<string, string> Fields, IReadOnlyList<MucLightOccupant> Others) : MucLightRequest;

/// <summary>The room is to be destroyed (MUL-032).</summary>
internal sealed record DestroyRequest : MucLightRequest;

/// <summary>The blocking list is asked for (MUL-040).</summary>
internal sealed record ReadBlockingRequest : MucLightRequest;

/// <summary>The blocking list is to change (MUL-040).</summary>
/// <param name="Changes">What is to be blocked, or no longer.</param>
internal sealed record BlockRequest(IReadOnlyList<(MucLightBlock Block, bool IsDenied)> Changes) : MucLightRequest;

/// <summary>A form that the client did not want after all: nothing happens.</summary>
internal sealed record CancelRequest : MucLightRequest;

/// <summary>What reading an IQ came to: a request, a refusal, or neither when it is none of ours.</summary>
/// <param name="Request">The request.</param>
/// <param name="Refusal">Why it is refused.</param>
internal readonly record struct RequestReading(MucLightRequest? Request, MucLightResult? Refusal = null)
{
    public static implicit operator RequestReading(MucLightRequest request) => new(request);

    public static implicit operator RequestReading(MucLightResult refusal) => new(null, refusal);
}
