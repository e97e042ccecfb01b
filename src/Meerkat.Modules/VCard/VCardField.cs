namespace Meerkat.Modules.VCard;

/// <summary>What a directory search looks at: the localpart, and fields of the vCard (VCD-002, VCD-004). In the order of the search form.</summary>
public enum VCardField
{
    /// <summary>The localpart of the account; no field of the vCard.</summary>
    User,

    /// <summary><c>FN</c>.</summary>
    FullName,

    /// <summary><c>N/GIVEN</c>.</summary>
    Given,

    /// <summary><c>N/MIDDLE</c>.</summary>
    Middle,

    /// <summary><c>N/FAMILY</c>.</summary>
    Family,

    /// <summary><c>NICKNAME</c>.</summary>
    Nickname,

    /// <summary><c>BDAY</c>.</summary>
    Birthday,

    /// <summary><c>ADR/CTRY</c>.</summary>
    Country,

    /// <summary><c>ADR/LOCALITY</c>.</summary>
    Locality,

    /// <summary><c>EMAIL/USERID</c>, or the text of <c>EMAIL</c>.</summary>
    Email,

    /// <summary><c>ORG/ORGNAME</c>.</summary>
    OrganisationName,

    /// <summary><c>ORG/ORGUNIT</c>.</summary>
    OrganisationUnit,
}
