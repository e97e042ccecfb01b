namespace Meerkat.Load.Population;

/// <summary>Who knows whom: the same in every server, however it got there.</summary>
internal static class ContactNames
{
    /// <summary>Contacts that never come: what a roster costs without the presence of others.</summary>
    public static string Strange(int user, int contact, string domain) => $"friend{contact}-of-{user}@{domain}";

    /// <summary>
    /// The neighbours on a ring of all users, <paramref name="contacts"/> / 2 on either side: whoever is my contact has me as his.
    /// </summary>
    public static IEnumerable<int> Neighbours(int user, int users, int contacts)
    {
        for (var distance = 1; distance <= contacts / 2; distance++)
        {
            yield return (user + distance) % users;
            yield return (user + users - distance) % users;
        }
    }
}
