using Meerkat.Core.Storage;

namespace Meerkat.Modules.Privacy;

/// <summary>Privacy lists as personal data: the same table from every store.</summary>
public static class PrivacyExport
{
    /// <summary>The table of an account; null when it keeps no list.</summary>
    public static PersonalDataSection? Section(PrivacyLists lists) => lists.Lists.Count == 0 ? null : new PersonalDataSection(
        "privacy",
        ["name", "default", "list"],
        [.. lists.Lists.Select(list => (IReadOnlyList<string>)[list.Name, list.Name == lists.Default ? "true" : "false", PrivacyXml.Store(list)])]);
}
