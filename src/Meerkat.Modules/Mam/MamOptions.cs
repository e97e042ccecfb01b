using System.ComponentModel.DataAnnotations;
using Meerkat.Core.Configuration;

namespace Meerkat.Modules.Mam;

/// <summary>Options of <c>mod_mam</c>: a <c>[modules.mod_mam]</c> table. What stands here holds for both kinds of archive, unless <c>pm</c> or <c>muc</c> says otherwise.</summary>
public sealed record MamOptions : MamSharedOptions, IValidatableObject, IPoolUser
{
    /// <summary><c>pm</c>: archives of accounts. Absent: there are none.</summary>
    public MamPmOptions? Pm { get; init; }

    /// <summary><c>muc</c>: archives of rooms. Absent: there are none.</summary>
    public MamMucOptions? Muc { get; init; }

    /// <summary><c>retention_sweep</c>: in seconds, how often messages are looked for that are older than <c>retention_days</c>. Ours: 3600.</summary>
    [AtLeast(1), Unit(TimeUnit.Seconds)]
    public TimeSpan RetentionSweep { get; init; } = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public IEnumerable<(string Type, string Key)> Pools
    {
        get
        {
            foreach (var (section, name) in Sections)
            {
                if (BackendOf(section) is ArchiveBackend.Cassandra)
                {
                    yield return ("cassandra", section.Backend is null ? "backend" : $"{name}.backend");
                }
            }
        }
    }

    private IEnumerable<(MamSharedOptions Section, string Name)> Sections =>
        new (MamSharedOptions?, string)[] { (Pm, "pm"), (Muc, "muc") }.Where(section => section.Item1 is not null).Select(section => (section.Item1!, section.Item2));

    /// <summary>Where the archives of a section are kept.</summary>
    /// <param name="section"><see cref="Pm"/> or <see cref="Muc"/>; null says what holds where the section says nothing.</param>
    public ArchiveBackend BackendOf(MamSharedOptions? section) => section?.Backend ?? Backend ?? ArchiveBackend.Rdbms;

    /// <summary>Where the preferences of a section's owners are kept; null for nowhere. As for <see cref="BackendOf"/>.</summary>
    public PreferenceBackend? PreferencesOf(MamSharedOptions? section) => section?.UserPrefsStore ?? UserPrefsStore;

    /// <summary>Preferences in a database are kept with the archives there.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (section, name) in Sections)
        {
            var fits = (PreferencesOf(section), BackendOf(section)) switch
            {
                (PreferenceBackend.Rdbms, not ArchiveBackend.Rdbms) or (PreferenceBackend.Cassandra, not ArchiveBackend.Cassandra) => false,
                _ => true,
            };
            if (!fits)
            {
                var kept = PreferencesOf(section).ToString()!.ToLowerInvariant();
                yield return new ConfigRule(
                    $"is \"{kept}\", which wants the archives there too, but {name} has backend = \"{BackendOf(section).ToString().ToLowerInvariant()}\"; \"mnesia\" goes with any", nameof(UserPrefsStore),
                    "invalid_user_prefs_store");
            }
        }
    }
}

/// <summary>Options of the archives of accounts: a <c>[modules.mod_mam.pm]</c> table.</summary>
public sealed record MamPmOptions : MamSharedOptions
{
    /// <summary><c>archive_groupchats</c>: whether what rooms send to an account is kept in its archive too (MAM-069). Default false.</summary>
    public bool ArchiveGroupchats { get; init; }

    /// <summary><c>same_mam_id_for_peers</c>: whether the recipient's copy has the sender's id (MAM-015). Default false; always so with <c>mod_stanzaid</c> (SID-002).</summary>
    public bool SameMamIdForPeers { get; init; }
}

/// <summary>Options of the archives of rooms: a <c>[modules.mod_mam.muc]</c> table.</summary>
public sealed record MamMucOptions : MamSharedOptions
{
    /// <summary><c>host</c>: the service whose rooms are archived. Default <c>conference.@HOST@</c> (MAM-066).</summary>
    [SubdomainTemplate]
    public string Host { get; init; } = "conference.@HOST@";
}

/// <summary>Options that both kinds of archive have. Null: not said here.</summary>
public abstract record MamSharedOptions
{
    /// <summary><c>backend</c>: where messages are kept. Default <c>rdbms</c>.</summary>
    public ArchiveBackend? Backend { get; init; }

    /// <summary><c>no_stanzaid_element</c>: whether messages are delivered without the id that they have in the archive. Default false, and never with <c>mod_stanzaid</c> (SID-002).</summary>
    public bool? NoStanzaidElement { get; init; }

    /// <summary><c>archive_chat_markers</c>: whether a chat marker alone is worth archiving (MAM-011). Default false.</summary>
    public bool? ArchiveChatMarkers { get; init; }

    /// <summary><c>message_retraction</c>: whether a retracted message is replaced by a tombstone (MAM-070). Default true.</summary>
    public bool? MessageRetraction { get; init; }

    /// <summary><c>user_prefs_store</c>: where it is kept what owners want archived. Default: nowhere, there are no preferences (MAM-020).</summary>
    public PreferenceBackend? UserPrefsStore { get; init; }

    /// <summary><c>full_text_search</c>: whether messages are found by their text, if they were archived while this was on (MAM-041). Default true.</summary>
    public bool? FullTextSearch { get; init; }

    /// <summary><c>default_result_limit</c>: messages on a page whose size nobody said. Default 50.</summary>
    [AtLeast(1)]
    public int? DefaultResultLimit { get; init; }

    /// <summary><c>max_result_limit</c>: most messages on a page. Default 50.</summary>
    [AtLeast(1)]
    public int? MaxResultLimit { get; init; }

    /// <summary><c>enforce_simple_queries</c>: whether every query is a simple one, without counts (MAM-034). Default false.</summary>
    public bool? EnforceSimpleQueries { get; init; }

    /// <summary><c>delete_domain_limit</c>: how many messages one transaction removes when a domain is removed or messages are too old. Default 10 000 (the reference's is <c>infinity</c>).</summary>
    [AtLeast(1), InfinityAllowed]
    public int? DeleteDomainLimit { get; init; }

    /// <summary><c>retention_days</c>: messages older than so many days are removed (MAM-089). Default, and <c>infinity</c>: none are.</summary>
    [AtLeast(1), InfinityAllowed]
    public int? RetentionDays { get; init; }

    /// <summary><c>async_writer</c>: how messages get into the store.</summary>
    public ArchiveWriterOptions? AsyncWriter { get; init; }
}

/// <summary>The <c>async_writer</c> table. Null: not said here.</summary>
public sealed record ArchiveWriterOptions
{
    /// <summary><c>enabled</c>: whether messages are written in batches behind their delivery. False: a message is delivered when it is in the store. Default true.</summary>
    public bool? Enabled { get; init; }

    /// <summary><c>write_before_acknowledge</c>: whether stream management (XEP-0198) acknowledges a message to its sender only when it is in the store; delivery does not wait.
    /// False: what is acknowledged may be lost with the process for <c>flush_interval</c>. Ours: true.</summary>
    public bool? WriteBeforeAcknowledge { get; init; }

    /// <summary><c>flush_interval</c>: in milliseconds, how long a message may wait for others before it is written; not with <c>write_before_acknowledge</c>, which writes at once. Default 2000.</summary>
    [AtLeast(1), Unit(TimeUnit.Milliseconds)]
    public TimeSpan? FlushInterval { get; init; }

    /// <summary><c>batch_size</c>: so many waiting messages are written without waiting for more. Default 30.</summary>
    [AtLeast(1)]
    public int? BatchSize { get; init; }

    /// <summary><c>pool_size</c>: how many batches may be written at a time; an archive's own are always one after the other. Default: one for each processor: while these are written the others gather, and share a commit.</summary>
    [AtLeast(1)]
    public int? PoolSize { get; init; }

    /// <summary><c>queue_limit</c>: how many messages may wait in all. Beyond it senders wait, at most five seconds; then their message is delivered and not archived, counted and logged. Ours: 50 000.</summary>
    [AtLeast(100)]
    public int? QueueLimit { get; init; }
}

/// <summary>Where archives are kept.</summary>
public enum ArchiveBackend
{
    /// <summary>The SQL database of the host.</summary>
    Rdbms,

    /// <summary>The Cassandra cluster of the host: without text search and without leaving out groupchat (MAM-085).</summary>
    Cassandra,

    /// <summary>Elasticsearch.</summary>
    [NotAvailable("archives in Elasticsearch are not built yet")]
    Elasticsearch,
}

/// <summary>Where preferences of archives are kept.</summary>
public enum PreferenceBackend
{
    /// <summary>The SQL database of the host.</summary>
    Rdbms,

    /// <summary>The embedded store.</summary>
    Mnesia,

    /// <summary>The Cassandra cluster of the host.</summary>
    Cassandra,
}
