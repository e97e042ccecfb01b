using Meerkat.Xmpp;

namespace Meerkat.Modules.MucLight;

/// <summary>What somebody is to a room. The numbers are those that stores keep.</summary>
public enum MucLightAffiliation
{
    /// <summary>Nothing: not an occupant.</summary>
    None = 0,

    /// <summary>An occupant.</summary>
    Member = 1,

    /// <summary>An occupant who may do all.</summary>
    Owner = 2,
}

/// <summary>Somebody and what he is, or is to be, to a room.</summary>
/// <param name="Jid">An account's address.</param>
/// <param name="Affiliation">What he is.</param>
public readonly record struct MucLightOccupant(BareJid Jid, MucLightAffiliation Affiliation)
{
    /// <summary>The word on the wire: <c>none</c>, <c>member</c>, <c>owner</c>.</summary>
    public string Word => Affiliation switch
    {
        MucLightAffiliation.Owner => "owner",
        MucLightAffiliation.Member => "member",
        _ => "none",
    };

    /// <summary>Reads the word on the wire; null when it is none of them.</summary>
    public static MucLightAffiliation? Read(string? word) => word switch
    {
        "owner" => MucLightAffiliation.Owner,
        "member" => MucLightAffiliation.Member,
        "none" => MucLightAffiliation.None,
        _ => null,
    };
}
