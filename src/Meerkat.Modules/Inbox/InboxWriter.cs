using System.Diagnostics.CodeAnalysis;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.Inbox;

/// <summary>Writes inboxes behind their messages (<c>rdbms_async</c>, INB-041): changes of one conversation that wait are merged into one. A conversation is always in the same lane.</summary>
internal sealed class InboxWriter(IInboxStore store, int lanes, ILogger log) : MergingWriter<(BareJid Owner, BareJid Remote), InboxTask>(lanes)
{
    /// <inheritdoc/>
    protected override string TraceName => "inbox write";

    /// <summary>Its gauge asks it from now on.</summary>
    public InboxWriter Counted()
    {
        InboxMetrics.Add(this);
        return this;
    }

    protected override (BareJid Owner, BareJid Remote) KeyOf(InboxTask change) => (change.Owner, change.Remote);

    protected override int LaneHash(InboxTask change) => HashCode.Combine(change.Owner, change.Remote);

    protected override bool TryMerge(InboxTask waiting, InboxTask then, out InboxTask merged)
    {
        var change = InboxChanges.Merge(waiting.Change, then.Change);
        merged = change is null ? default : then with { Change = change };
        return change is not null;
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "The boundary of work that nobody waits for: counted and logged.")]
    protected override async Task WriteAsync(IReadOnlyList<InboxTask> batch)
    {
        try
        {
            await store.ApplyAsync(batch, CancellationToken.None);
            InboxMetrics.Written(batch.Count);
        }
        catch (Exception failure)
        {
            InboxMetrics.Failed(batch.Count);
            InboxLog.NotWritten(log, failure, batch.Count);
        }
    }
}
