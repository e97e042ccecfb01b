using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Modules.Muc;

/// <summary>An account's affiliations and nicks, for a person who asks for the personal data.</summary>
public static class RoomExport
{
    /// <summary>The sections; none where there is nothing.</summary>
    /// <param name="affiliations">Affiliations of the account and where.</param>
    /// <param name="nicks">Its registered nicks and where.</param>
    public static IEnumerable<PersonalDataSection> Of(IReadOnlyList<(BareJid Room, StoredAffiliation Entry)> affiliations, IReadOnlyList<(string Service, string Nick)> nicks)
    {
        if (affiliations.Count > 0)
        {
            yield return new PersonalDataSection("muc_affiliations", ["room", "affiliation", "reason"], [.. affiliations.Select(entry => (string[])[entry.Room.ToString(), entry.Entry.Affiliation.Word(), entry.Entry.Reason])]);
        }

        if (nicks.Count > 0)
        {
            yield return new PersonalDataSection("muc_nicks", ["service", "nick"], [.. nicks.Select(nick => (string[])[nick.Service, nick.Nick])]);
        }
    }
}
