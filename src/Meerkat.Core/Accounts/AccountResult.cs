namespace Meerkat.Core.Accounts;

/// <summary>How an operation on an account went. The words of the reference's interfaces are these names in <c>snake_case</c>.</summary>
public enum AccountResult
{
    /// <summary>Done.</summary>
    Ok,

    /// <summary>There is such an account in one of the methods (AUTH-013).</summary>
    Exists,

    /// <summary>The name and the domain make no JID (AUTH-018).</summary>
    InvalidJid,

    /// <summary>No password was given (AUTH-018).</summary>
    EmptyPassword,

    /// <summary>The password holds what resourceprep prohibits (AUTH-033).</summary>
    InvalidPassword,

    /// <summary>No method does this, or there is no such account to do it to.</summary>
    NotAllowed,

    /// <summary>The domain holds as many accounts as it may (AUTH-124).</summary>
    LimitPerDomainExceeded,

    /// <summary>There is no such account.</summary>
    UserDoesNotExist,

    /// <summary>No such domain is served.</summary>
    DomainNotFound,

    /// <summary>The password is another one.</summary>
    Incorrect,

    /// <summary>There is no such account, or its password is kept as SCRAM keys and has no plain hash (AUTH-150).</summary>
    WrongUser,

    /// <summary>The hash is neither md5 nor sha1 (AUTH-150).</summary>
    WrongMethod,
}
