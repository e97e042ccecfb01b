using System.ComponentModel.DataAnnotations;
using Meerkat.Core.Configuration;

namespace Meerkat.Modules.Inbox;

/// <summary>Options of <c>mod_inbox</c>: a <c>[modules.mod_inbox]</c> table.</summary>
public sealed record InboxOptions : IValidatableObject
{
    /// <summary><c>backend</c>: <c>rdbms_async</c> writes behind the message's delivery. Null: as <c>rdbms</c>, in the database that the host has.</summary>
    public InboxBackend? Backend { get; init; }

    /// <summary><c>async_writer</c>: how <c>rdbms_async</c> writes.</summary>
    public InboxWriterOptions AsyncWriter { get; init; } = new();

    /// <summary><c>boxes</c>: boxes besides <c>inbox</c>, <c>archive</c> and <c>bin</c>, into which clients may put conversations (INB-002).</summary>
    [NonEmpty, Unique]
    public IReadOnlyList<string> Boxes { get; init; } = [];

    /// <summary><c>bin_ttl</c>: days after which the bin forgets a conversation. Default 30 (INB-040).</summary>
    [AtLeast(0)]
    public int BinTtl { get; init; } = 30;

    /// <summary><c>bin_clean_after</c>: hours between two looks into the bin. Default 1 (INB-040).</summary>
    [AtLeast(1)]
    public int BinCleanAfter { get; init; } = 1;

    /// <summary><c>delete_domain_limit</c>: how many conversations one transaction removes with a domain. Default, and <c>infinity</c>: all.</summary>
    [AtLeast(1), InfinityAllowed]
    public int? DeleteDomainLimit { get; init; }

    /// <summary><c>reset_markers</c>: chat markers by which a client says that it has read a conversation. Default <c>displayed</c> (INB-014).</summary>
    [Unique]
    public IReadOnlyList<ResetMarker> ResetMarkers { get; init; } = [ResetMarker.Displayed];

    /// <summary><c>groupchat</c>: rooms that are conversations too. Default <c>muclight</c>.</summary>
    [Unique]
    public IReadOnlyList<InboxGroupchat> Groupchat { get; init; } = [InboxGroupchat.Muclight];

    /// <summary><c>aff_changes</c>: whether an account's own joining and leaving of a room shows in its inbox. Default true (INB-015).</summary>
    public bool AffChanges { get; init; } = true;

    /// <summary><c>remove_on_kicked</c>: whether a room goes from the inbox of who is not in it any more. Default true (INB-015).</summary>
    public bool RemoveOnKicked { get; init; } = true;

    /// <summary><c>max_result_limit</c>: most conversations in one answer. Default, and <c>infinity</c>: all.</summary>
    [AtLeast(1), InfinityAllowed]
    public int? MaxResultLimit { get; init; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Boxes.FirstOrDefault(box => box is InboxBox.All or InboxBox.Inbox or InboxBox.Archive or InboxBox.Bin) is { } taken)
        {
            yield return new($"\"{taken}\" is a box that is always there", [nameof(Boxes)]);
        }
    }
}

/// <summary>The <c>async_writer</c> table of the inbox.</summary>
public sealed record InboxWriterOptions
{
    /// <summary><c>pool_size</c>: how many writers work side by side. Default: two for each processor.</summary>
    [AtLeast(1)]
    public int? PoolSize { get; init; }
}

/// <summary>How inboxes are written.</summary>
public enum InboxBackend
{
    /// <summary>Before the message goes on.</summary>
    Rdbms,

    /// <summary>Behind it.</summary>
    RdbmsAsync,
}

/// <summary>A chat marker (XEP-0333).</summary>
public enum ResetMarker
{
    /// <summary>The message was shown.</summary>
    Displayed,

    /// <summary>The message arrived.</summary>
    Received,

    /// <summary>Somebody said so.</summary>
    Acknowledged,
}

/// <summary>Kinds of room.</summary>
public enum InboxGroupchat
{
    /// <summary>MUC Light.</summary>
    Muclight,

    /// <summary>XEP-0045.</summary>
    Muc,
}
