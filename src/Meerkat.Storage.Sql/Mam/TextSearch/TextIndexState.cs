namespace Meerkat.Storage.Sql.Mam.TextSearch;

/// <summary>How the index over the texts of one table stands.</summary>
public enum TextIndexState
{
    /// <summary>There is none.</summary>
    Absent,

    /// <summary>It is being made, or whoever made it was cut off: searches do not use it, and making it goes on or begins anew.</summary>
    Unfinished,

    /// <summary>A part of it is gone: searches do not use it, and making it begins anew.</summary>
    Damaged,

    /// <summary>Searches use it.</summary>
    Ready,
}
