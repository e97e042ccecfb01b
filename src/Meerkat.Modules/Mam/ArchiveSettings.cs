namespace Meerkat.Modules.Mam;

/// <summary>What holds for one kind of archive, once the options of the section, of the module and the defaults are laid over each other.</summary>
internal sealed record ArchiveSettings
{
    /// <summary>How many messages one removal takes at most where nobody said it.</summary>
    private const int DefaultRemovalLimit = 10_000;

    public bool HidesIds { get; private init; }

    public bool ArchivesMarkers { get; private init; }

    public bool Retracts { get; private init; }

    public bool HasPreferences { get; private init; }

    public bool SearchesText { get; private init; }

    public int DefaultPage { get; private init; }

    public int MaxPage { get; private init; }

    public bool OnlySimple { get; private init; }

    public int RemovalLimit { get; private init; }

    public TimeSpan? Retention { get; private init; }

    public bool IsAsynchronous { get; private init; }

    public bool WritesBeforeAcknowledge { get; private init; }

    public TimeSpan FlushInterval { get; private init; }

    public int BatchSize { get; private init; }

    public int Lanes { get; private init; }

    public int QueueLimit { get; private init; }

    public static ArchiveSettings Of(MamSharedOptions section, MamSharedOptions module)
    {
        var max = section.MaxResultLimit ?? module.MaxResultLimit ?? 50;
        return new ArchiveSettings
        {
            HidesIds = section.NoStanzaidElement ?? module.NoStanzaidElement ?? false,
            ArchivesMarkers = section.ArchiveChatMarkers ?? module.ArchiveChatMarkers ?? false,
            Retracts = section.MessageRetraction ?? module.MessageRetraction ?? true,
            HasPreferences = (section.UserPrefsStore ?? module.UserPrefsStore) is not null,
            SearchesText = section.FullTextSearch ?? module.FullTextSearch ?? true,
            DefaultPage = Math.Min(section.DefaultResultLimit ?? module.DefaultResultLimit ?? 50, max),
            MaxPage = max,
            OnlySimple = section.EnforceSimpleQueries ?? module.EnforceSimpleQueries ?? false,
            RemovalLimit = section.DeleteDomainLimit ?? module.DeleteDomainLimit ?? DefaultRemovalLimit,
            Retention = (section.RetentionDays ?? module.RetentionDays) is { } days ? TimeSpan.FromDays(days) : null,
            IsAsynchronous = Writer(static options => options.Enabled) ?? true,
            WritesBeforeAcknowledge = Writer(static options => options.WriteBeforeAcknowledge) ?? true,
            FlushInterval = Writer(static options => options.FlushInterval) ?? TimeSpan.FromMilliseconds(2000),
            BatchSize = Writer(static options => options.BatchSize) ?? 30,
            Lanes = Writer(static options => options.PoolSize) ?? Environment.ProcessorCount,
            QueueLimit = Writer(static options => options.QueueLimit) ?? 50_000,
        };

        T? Writer<T>(Func<ArchiveWriterOptions, T?> option)
            where T : struct =>
            (section.AsyncWriter is { } own ? option(own) : null) ?? (module.AsyncWriter is { } general ? option(general) : null);
    }
}
