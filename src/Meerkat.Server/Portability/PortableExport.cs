using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Xmpp;

namespace Meerkat.Server.Portability;

/// <summary>Writes the accounts of hosts to a file of accounts (XEP-0227 v1.1), with credentials as SCRAM keys and whatever the modules of each host keep.</summary>
/// <param name="server">The server, which serves nobody.</param>
/// <param name="report">Gets what could not be exported, in words.</param>
internal sealed class PortableExport(ServerContext server, Action<string> report)
{
    /// <summary>Whether passwords that are kept as such are told as such (XEP-0227 §8 discourages it). Default false: keys are made of them.</summary>
    public bool WithPlainPasswords { get; init; }

    /// <summary>Whether keys are written as ejabberd up to 23.01 reads them: encoded twice. Default false.</summary>
    public bool IsForEjabberd { get; init; }

    /// <summary>Told after each account how many were written.</summary>
    public Action<long>? Progressed { get; init; }

    /// <summary>Writes the file.</summary>
    /// <param name="domains">The domains, each served here and with accounts.</param>
    /// <param name="output">Gets the file.</param>
    /// <param name="ct">Stops between two accounts; the file is not whole then.</param>
    /// <returns>How many accounts were written.</returns>
    public async Task<long> RunAsync(IReadOnlyList<string> domains, Stream output, CancellationToken ct)
    {
        long written = 0;
        var writer = new PortableWriter(output);
        writer.Begin();
        foreach (var name in domains)
        {
            if (!server.Domains.TryFindAccounts(name, out var domain))
            {
                report($"{name}: this domain is not served here");
                continue;
            }

            writer.BeginHost(name);
            foreach (var account in await domain.Host.Auth.ListAsync(name, AccountListing.All, ct))
            {
                ct.ThrowIfCancellationRequested();
                await WriteAsync(writer, domain.Host, account, ct);
                written++;
                Progressed?.Invoke(written);
            }

            writer.EndHost();
        }

        writer.End();
        await output.FlushAsync(ct);
        return written;
    }

    private async ValueTask WriteAsync(PortableWriter writer, HostType host, BareJid account, CancellationToken ct)
    {
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
                writer.Write(piece);
            }
        }

        writer.EndUser();
    }

    private void WriteKeys(PortableWriter writer, AccountPassword password)
    {
        foreach (var keys in PortableCredentials.Write(password, IsForEjabberd))
        {
            writer.Write(keys);
        }
    }
}
