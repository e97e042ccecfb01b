using Meerkat.Modules.MucLight;

namespace Meerkat.Admin.Rest;

/// <summary>Light rooms as both interfaces refuse what is asked of them.</summary>
internal static class LightRoomJson
{
    /// <summary>Refuses what did not go well.</summary>
    /// <param name="result">How it went.</param>
    /// <param name="noUser">The status where the acting account is not there.</param>
    public static RestAnswer Answer(MucLightResult result, int noUser = 400)
    {
        var (status, reason) = result.Outcome switch
        {
            MucLightOutcome.Done => (204, ""),
            MucLightOutcome.UserNotFound => (noUser, "There is no such account"),
            MucLightOutcome.ServiceNotFound => (404, "There are no light rooms at that domain"),
            MucLightOutcome.RoomNotFound => (404, "There is no such room"),
            MucLightOutcome.NotOccupant => (403, "The account is not in the room"),
            MucLightOutcome.NotAllowed => (403, "The account may not do this in the room"),
            MucLightOutcome.AlreadyExists => (403, "There is such a room"),
            MucLightOutcome.OccupantLimit => (403, "The room would have too many occupants"),
            MucLightOutcome.RoomLimit => (403, "The creator is in as many rooms as it may be"),
            _ => (400, "The request makes no sense"),
        };
        return status == 204 ? RestAnswer.Done : throw new RestException(status, result.Reason ?? reason);
    }
}
