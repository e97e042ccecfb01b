namespace Meerkat.Core.Accounts;

/// <summary>Whether an account exists, as far as the methods could say (AUTH-010).</summary>
public enum Existence
{
    /// <summary>No method knows it.</summary>
    No,

    /// <summary>A method knows it.</summary>
    Yes,

    /// <summary>A method failed, and none of the others knows it. Treated as no, except where a name is given away (AUTH-059).</summary>
    Unknown,
}
