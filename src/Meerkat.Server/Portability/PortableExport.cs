using System.Security.Cryptography;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Core.Portability;
using Meerkat.Xml;
using Meerkat.Xmpp;

namespace Meerkat.Server.Portability;

/// <summary>Writes the accounts of hosts to a file of accounts (XEP-0227 v1.1), with credentials as SCRAM keys and whatever the modules of each host keep.</summary>
/// <remarks>
/// Not safe for concurrent use. With a <see cref="Progress"/> an export that was interrupted goes on behind the last account that is whole in the file, and in a long archive behind the last message that is there:
/// the file is the same as if nothing had happened, where nothing has changed meanwhile.
/// </remarks>
/// <param name="server">The server, which serves nobody.</param>
/// <param name="report">Gets what could not be exported, in words.</param>
internal sealed class PortableExport(ServerContext server, Action<string> report)
{
    private long _written;
    private long _marked;

    /// <summary>Whether passwords that are kept as such are told as such (XEP-0227 §8 discourages it). Default false: keys are made of them.</summary>
    public bool WithPlainPasswords { get; init; }

    /// <summary>Whether keys are written as ejabberd up to 23.01 reads them: encoded twice. Default false.</summary>
    public bool IsForEjabberd { get; init; }

    /// <summary>Told after each account how many were written.</summary>
    public Action<long>? Progressed { get; init; }

    /// <summary>Where the export notes how far it has come; null where it cannot go on: the output is no file.</summary>
    public ExportProgress? Progress { get; set; }

    /// <summary>How many bytes are written before that is noted again.</summary>
    public long MarkEvery { get; init; } = 1 << 18;

    /// <summary>All that decides what an export writes, for <see cref="ExportProgress.Open"/>.</summary>
    public string Describe(IReadOnlyList<string> domains) =>
        $"{string.Join(' ', domains)}; {WithPlainPasswords} {IsForEjabberd}; {string.Join(' ', domains.SelectMany(Elements).Select(element => $"{{{element.Namespace}}}{element.Name}"))}";

    /// <summary>Writes the file.</summary>
    /// <param name="domains">The domains, each served here and with accounts.</param>
    /// <param name="output">Gets the file. Where there is a <see cref="Progress"/> it can be read, sought and shortened, and holds what an earlier export has written.</param>
    /// <param name="ct">Stops between two pieces; the file is not whole then.</param>
    /// <returns>How many accounts are in the file.</returns>
    public async Task<long> RunAsync(IReadOnlyList<string> domains, Stream output, CancellationToken ct)
    {
        var writer = new PortableWriter(output);
        var from = await ResumeAsync(domains, output, ct);
        if (from is null)
        {
            writer.Begin();
        }

        foreach (var name in from is { Account.Domain: var first } ? domains.SkipWhile(name => name != first) : domains)
        {
            if (!server.Domains.TryFindAccounts(name, out var domain))
            {
                report($"{name}: this domain is not served here");
                continue;
            }

            IEnumerable<BareJid> accounts = await domain.Host.Auth.ListAsync(name, AccountListing.All, ct);
            if (from is null)
            {
                writer.BeginHost(name);
            }
            else
            {
                var last = from.Account;
                accounts = accounts.SkipWhile(account => !account.Equals(last)).Skip(from.Piece is null ? 1 : 0);
            }

            foreach (var account in accounts)
            {
                ct.ThrowIfCancellationRequested();
                await WriteAsync(writer, output, domain.Host, account, from?.Piece is null ? null : from, ct);
                from = null;
                _written++;
                Progressed?.Invoke(_written);
            }

            from = null;
            writer.EndHost();
        }

        writer.End();
        await output.FlushAsync(ct);
        return _written;
    }

    private IEnumerable<PortableElement> Elements(string name) => server.Domains.TryFindAccounts(name, out var domain) ? domain.Host.Portable.SelectMany(data => data.Elements) : [];

    // Null: from the beginning.
    private async ValueTask<ExportPoint?> ResumeAsync(IReadOnlyList<string> domains, Stream output, CancellationToken ct)
    {
        if (Progress is null)
        {
            return null;
        }

        var point = Progress.Point;
        var isGood = point is not null && output.Length >= point.Offset && domains.Contains(point.Account.Domain) && server.Domains.TryFindAccounts(point.Account.Domain, out var domain)
            && (await domain.Host.Auth.ListAsync(point.Account.Domain, AccountListing.All, ct)).Contains(point.Account);
        if (!isGood)
        {
            Progress.Forget();
            output.SetLength(0);
            return null;
        }

        output.SetLength(point!.Offset);
        output.Seek(point.Offset, SeekOrigin.Begin);
        (_written, _marked) = (point.Accounts, point.Offset);
        return point;
    }

    private async ValueTask WriteAsync(PortableWriter writer, Stream output, HostType host, BareJid account, ExportPoint? from, CancellationToken ct)
    {
        if (from is not null)
        {
            if (await GoOnAsync(writer, output, host, account, from, ct))
            {
                return;
            }

            // The message behind which it was is not there any more: the account once more.
            output.SetLength(from.Begin);
            output.Seek(from.Begin, SeekOrigin.Begin);
        }

        var begin = Progress is null ? 0 : output.Position;
        var password = await host.Auth.FindPasswordAsync(account, ct);
        writer.BeginUser(account.Local!, WithPlainPasswords ? password?.Plain : null);
        if (password is null)
        {
            report($"{account}: what is kept of its password cannot be told");
        }
        else if (password.Plain is { } plain && !WithPlainPasswords)
        {
            if (AccountPassword.TryCreate(plain, host.Auth.Options.Password with { Format = PasswordFormat.Scram }, out var keys))
            {
                WriteKeys(writer, keys);
            }
        }
        else
        {
            WriteKeys(writer, password);
        }

        foreach (var data in host.Portable)
        {
            await foreach (var piece in data.ExportAsync(account, ct))
            {
                ct.ThrowIfCancellationRequested();
                Write(writer, output, account, begin, piece);
            }
        }

        EndUser(writer, output, account, begin);
    }

    // False where the last piece in the file is not among what there is now.
    private async ValueTask<bool> GoOnAsync(PortableWriter writer, Stream output, HostType host, BareJid account, ExportPoint from, CancellationToken ct)
    {
        var isThere = false;
        foreach (var data in host.Portable.Where(data => isThere || data.Elements.Any(element => element.HasIds)))
        {
            await foreach (var piece in data.ExportAsync(account, ct))
            {
                ct.ThrowIfCancellationRequested();
                if (isThere)
                {
                    Write(writer, output, account, from.Begin, piece);
                }
                else if (piece.Element.HasIds && HashOf(piece.Xml) == from.Piece)
                {
                    isThere = true;
                    writer.Resume(piece.Element);
                }
            }
        }

        if (isThere)
        {
            EndUser(writer, output, account, from.Begin);
        }

        return isThere;
    }

    private void Write(PortableWriter writer, Stream output, BareJid account, long begin, PortablePiece piece)
    {
        writer.Write(piece);
        if (piece.Element.HasIds && IsDue(output))
        {
            Mark(output, new ExportPoint(account, _written, begin, output.Position, HashOf(piece.Xml)));
        }
    }

    private void EndUser(PortableWriter writer, Stream output, BareJid account, long begin)
    {
        writer.EndUser();
        if (IsDue(output))
        {
            Mark(output, new ExportPoint(account, _written + 1, begin, output.Position, null));
        }
    }

    private bool IsDue(Stream output) => Progress is not null && output.Position - _marked >= MarkEvery;

    private void Mark(Stream output, ExportPoint point)
    {
        output.Flush();
        Progress!.Reached(point);
        _marked = point.Offset;
    }

    private static string HashOf(XmlElement piece) => Convert.ToHexStringLower(SHA256.HashData(piece.ToUtf8()));

    private void WriteKeys(PortableWriter writer, AccountPassword password)
    {
        foreach (var keys in PortableCredentials.Write(password, IsForEjabberd))
        {
            writer.Write(keys);
        }
    }
}
