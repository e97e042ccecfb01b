namespace Meerkat.Storage.Sql.Servers;

/// <summary>What a failure means for whoever ran into it.</summary>
internal enum FailureKind
{
    /// <summary>The operation's own: run again, it would fail again.</summary>
    Own,

    /// <summary>Others were in the way (a deadlock, say): the database has undone everything, and asks to try again.</summary>
    Conflict,

    /// <summary>The connection is gone.</summary>
    Lost,
}
