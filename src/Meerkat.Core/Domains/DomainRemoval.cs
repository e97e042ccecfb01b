using System.Diagnostics.CodeAnalysis;
using Meerkat.Core.Hosts;
using Meerkat.Xmpp;
using Microsoft.Extensions.Logging;

namespace Meerkat.Core.Domains;

/// <summary>Removes domains with their data: accounts first, then what each module keeps, the row last (CORE-241). What is cut off in the middle goes on at the next start: every step may be done twice.</summary>
/// <remarks>Safe for concurrent use. One removal of a domain at a time; whoever asks for it meanwhile waits for that one.</remarks>
internal sealed class DomainRemoval(ServerContext server, IDomainStore store, DynamicDomains domains) : IAsyncDisposable
{
    private readonly ILogger _log = server.Loggers.CreateLogger<DynamicDomains>();
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<long, Task> _running = [];

    /// <summary>Removes a domain that is marked <see cref="DomainStatus.Deleting"/>.</summary>
    /// <exception cref="DomainRemovalException">A step failed, or the server stops.</exception>
    public Task RunAsync(DomainRecord record)
    {
        lock (_running)
        {
            if (!_running.TryGetValue(record.Id, out var running))
            {
                _running[record.Id] = running = Task.Run(() => RemoveAsync(record));
            }

            return running;
        }
    }

    /// <summary>Removes domains one after the other, in the background.</summary>
    public void GoOn(IEnumerable<DomainRecord> records) => _ = GoOnAsync([.. records]);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task[] running;
        lock (_running)
        {
            running = [.. _running.Values];
        }

        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task GoOnAsync(IReadOnlyList<DomainRecord> records)
    {
        foreach (var record in records)
        {
            await RunAsync(record).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // it is logged
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever a step throws: it is logged, told, and the domain stays in its status.")]
    private async Task RemoveAsync(DomainRecord record)
    {
        var step = "waiting for its sessions";
        try
        {
            await domains.RefreshAsync(_stop.Token);
            var host = server.Domains.FindHostType(record.HostType)!;
            step = "the removal of its accounts";
            await BeginAsync(record);
            await host.Auth.RemoveDomainAsync(record.Domain, CancellationToken.None);
            foreach (var data in host.Data)
            {
                step = $"the removal from {data.GetType().Name}";
                await BeginAsync(record);
                await data.RemoveDomainAsync(record.Domain, CancellationToken.None);
            }

            step = "the removal of its administrator";
            await BeginAsync(record);
            foreach (var name in BareJid.TryCreate(null, record.Domain, out var domain) ? server.Domains.NamesOf(domain, host) : [])
            {
                await server.DomainAdmins.RemoveAsync(name, CancellationToken.None); // GQA-DOMAIN-05
            }

            step = "the removal of its row";
            if (await store.RemoveAsync(record, _stop.Token))
            {
                DomainMetrics.Removed(true);
                DomainLog.Removed(_log, record.Domain);
            }

            await domains.RefreshAsync(_stop.Token);
        }
        catch (GoneException)
        {
            // Another process has finished it.
        }
        catch (Exception failure)
        {
            if (!_stop.IsCancellationRequested)
            {
                DomainMetrics.Removed(false);
                DomainLog.RemovalFailed(_log, failure, record.Domain, step);
            }

            throw new DomainRemovalException($"{record.Domain} is not removed: {step} failed", failure);
        }
        finally
        {
            lock (_running)
            {
                _running.Remove(record.Id);
            }
        }
    }

    // Each step looks once more: another process may have finished meanwhile, and somebody added the domain anew.
    private async Task BeginAsync(DomainRecord record)
    {
        _stop.Token.ThrowIfCancellationRequested();
        if (await store.FindAsync(record.Domain, _stop.Token) is not { Status: DomainStatus.Deleting } found || found.Id != record.Id)
        {
            throw new GoneException();
        }
    }

    private sealed class GoneException : Exception;
}

/// <summary>A domain could not be removed: it stays in status <see cref="DomainStatus.Deleting"/>, and may be removed again.</summary>
/// <param name="message">What failed.</param>
/// <param name="failure">Why.</param>
public sealed class DomainRemovalException(string message, Exception failure) : Exception(message, failure);
