using Meerkat.Xmpp;

namespace Meerkat.Modules.MucLight;

/// <summary>How a request went.</summary>
public enum MucLightOutcome
{
    /// <summary>Done; also when nothing of it was left to do.</summary>
    Done,

    /// <summary>There is no such account; to administrators only.</summary>
    UserNotFound,

    /// <summary>There are no light rooms at that domain; to administrators only.</summary>
    ServiceNotFound,

    /// <summary>There is no such room.</summary>
    RoomNotFound,

    /// <summary>Who asks is not in the room. On the wire like a room that is not there: strangers learn nothing.</summary>
    NotOccupant,

    /// <summary>Who asks is in the room and may not do this.</summary>
    NotAllowed,

    /// <summary>A room of that name is there.</summary>
    AlreadyExists,

    /// <summary>There would be too many occupants (MUL-026).</summary>
    OccupantLimit,

    /// <summary>The creator is in as many rooms as he may be (MUL-030).</summary>
    RoomLimit,

    /// <summary>The request makes no sense; <see cref="MucLightResult.Reason"/> says why.</summary>
    Invalid,
}

/// <summary>How a request went.</summary>
/// <param name="Outcome">How it went.</param>
/// <param name="Reason">Why not, for a person; null where the outcome says it all.</param>
public sealed record MucLightResult(MucLightOutcome Outcome, string? Reason = null)
{
    /// <summary>Whether it went well.</summary>
    public bool IsDone => Outcome is MucLightOutcome.Done;

    internal static MucLightResult Done { get; } = new(MucLightOutcome.Done);

    internal static MucLightResult Invalid(string reason) => new(MucLightOutcome.Invalid, reason);

    internal static MucLightResult NotAllowed(string reason) => new(MucLightOutcome.NotAllowed, reason);

    /// <summary>The error on the wire; null when it went well.</summary>
    internal StanzaError? ToError() => Outcome switch
    {
        MucLightOutcome.Done => null,
        MucLightOutcome.RoomNotFound or MucLightOutcome.NotOccupant => StanzaError.ItemNotFound(),
        MucLightOutcome.NotAllowed => StanzaError.NotAllowed(Reason),
        MucLightOutcome.AlreadyExists => StanzaError.Conflict(),
        MucLightOutcome.OccupantLimit => StanzaError.BadRequest("There would be too many occupants"),
        MucLightOutcome.RoomLimit => StanzaError.BadRequest("You are in as many rooms as you may be"),
        _ => StanzaError.BadRequest(Reason),
    };
}
