namespace Meerkat.Core.Domains;

/// <summary>A domain in the database.</summary>
/// <param name="Id">Number of the row: a domain that was removed and added anew has another one.</param>
/// <param name="Domain">Its name, prepared (nameprep).</param>
/// <param name="HostType">The host type that serves it.</param>
/// <param name="Status">What it does.</param>
public sealed record DomainRecord(long Id, string Domain, string HostType, DomainStatus Status);

/// <summary>What a domain in the database does (CORE-237). The numbers are what is stored.</summary>
public enum DomainStatus
{
    /// <summary>It is kept, and not served: no streams, no routing.</summary>
    Disabled = 0,

    /// <summary>It is served.</summary>
    Enabled = 1,

    /// <summary>It is not served, and its data are being removed, or wait for it.</summary>
    Deleting = 2,
}

/// <summary>Something was changed about a domain.</summary>
/// <param name="Id">Number of the event: one more than that of the event before.</param>
/// <param name="Domain">The domain.</param>
/// <param name="Record">What is in the database of it now, which later events may say of as well; null when it is not there any more.</param>
public sealed record DomainEvent(long Id, string Domain, DomainRecord? Record);

/// <summary>What has happened since an event.</summary>
/// <param name="Last">Number of the last event that there has been; 0 when there has been none.</param>
/// <param name="IsComplete">False when some of it is not known any more, or never was: then everything has to be read anew.</param>
/// <param name="Events">The events in order; more may follow until <paramref name="Last"/>.</param>
public sealed record DomainNews(long Last, bool IsComplete, IReadOnlyList<DomainEvent> Events);
