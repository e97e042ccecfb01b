using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.LastActivity;

/// <summary>Last activity as personal data: the same table from every store.</summary>
public static class LastActivityExport
{
    /// <summary>The table of one account.</summary>
    public static PersonalDataSection Section(LastSeen seen) => new("last", ["timestamp", "status"], [[XmppDateTime.Format(seen.Moment), seen.Status]]);
}
