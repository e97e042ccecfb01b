using System.Xml;
using Meerkat.Core.Accounts;
using Meerkat.Core.Hosts;
using Meerkat.Core.Portability;
using Meerkat.Xmpp;
using Meerkat.Xmpp.Sasl;

namespace Meerkat.Server.Portability;

/// <summary>Takes accounts over from a file of accounts (XEP-0227 v1.1): credentials, and whatever the modules of each host take.</summary>
/// <remarks>
/// Not safe for concurrent use. Accounts that exist are left as they are, unless they are to be merged: then they keep their password and get the rest. What cannot be taken over is reported and
/// passed over, as XEP-0227 §4 wants.
/// </remarks>
/// <param name="server">The server, which serves nobody.</param>
/// <param name="report">Gets what cannot be taken over, in words.</param>
internal sealed class PortableImport(ServerContext server, Action<string> report)
{
    // So many pieces with ids share a transaction.
    private const int BatchSize = 200;

    private readonly HashSet<string> _told = [];

    /// <summary>Whether accounts that exist get what the file has beside the password. Default false: they are passed over.</summary>
    public bool MergesExisting { get; init; }

    /// <summary>Whether nothing is written: only what cannot be taken over is reported. Default false.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>The number of accounts that were taken over.</summary>
    public long Taken { get; private set; }

    /// <summary>The number of accounts that were not.</summary>
    public long Refused { get; private set; }

    /// <summary>Told of each account behind which the import is now; its number in the file.</summary>
    public Action<long>? Progressed { get; init; }

    /// <summary>Takes over what a file holds.</summary>
    /// <param name="path">The file.</param>
    /// <param name="progress">How far an earlier import of it came.</param>
    /// <param name="ct">Stops between two pieces; the import can go on from there.</param>
    /// <exception cref="FormatException">The file is no such file: what was before the mistake was taken over.</exception>
    public async Task RunAsync(string path, ImportProgress progress, CancellationToken ct)
    {
        User? user = null;
        long index = 0;
        foreach (var found in new PortableReader(IsContainer).Read(path))
        {
            ct.ThrowIfCancellationRequested();
            switch (found)
            {
                case PassedOver passed:
                    report(passed.What);
                    break;
                case UserBegins begins:
                    user = index < progress.Users ? null : Begin(begins);
                    break;
                case UserElement element when user is not null:
                    await TakeAsync(user, element, progress, ct);
                    break;
                case UserEnds:
                    if (user is not null)
                    {
                        await EndAsync(user, progress, ct);
                        if (!IsDryRun)
                        {
                            progress.UserDone();
                        }
                    }

                    user = null;
                    index++;
                    Progressed?.Invoke(index);
                    break;
            }
        }
    }

    // A container of any host's modules: where the account's host has none for it, its children are passed over.
    private bool IsContainer(XmlQualifiedName name) =>
        name is { Name: "offline-messages", Namespace: Ns.Portable } or { Name: "archive", Namespace: Ns.PortableArchive }
        || server.Domains.All.Any(domain => domain.Service is null && domain.Host.Portable.Any(data => data.Elements.Any(element => element.IsContainer && element.Name == name.Name && element.Namespace == name.Namespace)));

    private User? Begin(UserBegins begins)
    {
        if (!BareJid.TryCreate(begins.Name, begins.Host, out var account))
        {
            report($"{begins.Name}@{begins.Host}: this is no address of an account");
            Refused++;
            return null;
        }

        if (!server.Domains.TryFindAccounts(account.Domain, out var domain))
        {
            Once($"{account.Domain}: this domain is not served here; its accounts are passed over");
            Refused++;
            return null;
        }

        var user = new User(account, domain.Host);
        if (begins.Password is { } password)
        {
            if (PortableCredentials.ReadAttribute(password) is { } keys)
            {
                user.Keys.Add(keys);
            }
            else
            {
                user.Password = password;
            }
        }

        return user;
    }

    private async Task TakeAsync(User user, UserElement found, ImportProgress progress, CancellationToken ct)
    {
        if (found.Container is null && found.Xml.Is("scram-credentials", Ns.PortableScram))
        {
            if (PortableCredentials.Read(found.Xml) is { } keys)
            {
                user.Keys.Add(keys);
            }
            else
            {
                report($"{user.Account}: credentials for {found.Xml.Attribute("mechanism")} cannot be used");
            }

            return;
        }

        var name = found.Container ?? new XmlQualifiedName(found.Xml.Name, found.Xml.Namespace);
        var (data, element) = Find(user.Host, name, found.Container is not null);
        if (data is null)
        {
            Once($"<{name.Name} xmlns='{name.Namespace}'/>: nothing of {user.Host.Name} takes this over");
            return;
        }

        var piece = new PortablePiece(element!, found.Xml);
        foreach (var problem in data.Check(user.Account, piece))
        {
            report($"{user.Account}: {problem}");
        }

        if (IsDryRun)
        {
            return;
        }

        // Credentials may stand behind what they are for: what comes before them waits. It is a handful of elements.
        if (!user.IsMade && element!.IsContainer)
        {
            await MakeAsync(user, progress, ct);
        }

        if (user.IsMade)
        {
            await ImportAsync(user, data, piece, progress, ct);
        }
        else if (!user.IsRefused)
        {
            user.Waiting.Add((data, piece));
        }
    }

    private async Task EndAsync(User user, ImportProgress progress, CancellationToken ct)
    {
        if (!user.IsMade && !user.IsRefused)
        {
            await MakeAsync(user, progress, ct);
        }

        await FlushAsync(user, progress, ct);
        if (user.IsRefused)
        {
            Refused++;
        }
        else
        {
            Taken++;
        }
    }

    private async Task MakeAsync(User user, ImportProgress progress, CancellationToken ct)
    {
        if (user.IsRefused)
        {
            return;
        }

        var result = progress.Pieces is not null ? AccountResult.Ok // made before the interruption
            : await RegisterAsync(user, ct);
        if (result is not AccountResult.Ok && !(result is AccountResult.Exists && MergesExisting))
        {
            user.IsRefused = true;
            report(result switch
            {
                AccountResult.Exists => $"{user.Account}: there is such an account already",
                AccountResult.LimitPerDomainExceeded => $"{user.Account}: {user.Account.Domain} has as many accounts as auth.max_users_per_domain allows",
                AccountResult.InvalidPassword => $"{user.Account}: its password holds characters that are not allowed",
                AccountResult.EmptyPassword => $"{user.Account}: there are neither a password nor credentials",
                _ => $"{user.Account}: no authentication method of its host makes accounts",
            });
            user.Waiting.Clear();
            return;
        }

        user.IsMade = true;
        TellOfHashes(user);
        if (IsDryRun)
        {
            return;
        }

        user.Done = progress.Pieces ?? 0;
        progress.Reached(user.Done);
        foreach (var (data, piece) in user.Waiting)
        {
            await ImportAsync(user, data, piece, progress, ct);
        }

        user.Waiting.Clear();
    }

    // AUTH-037: clients take the strongest mechanism that is offered, and cannot log in where its keys were never made.
    private void TellOfHashes(User user)
    {
        var missing = user.Keys.Count == 0 ? [] : user.Host.Auth.Support.ScramHashes.Where(hash => user.Keys.All(keys => keys.Hash != hash)).ToArray();
        if (missing.Length > 0)
        {
            Once($"{user.Host.Name}: there are accounts with keys for {string.Join(", ", user.Keys.Select(keys => keys.Hash).Distinct().Order())} and none for {string.Join(", ", missing)}: "
                + "their clients log in over SCRAM only while auth.password.hash has no other hashes than they have");
        }
    }

    private async ValueTask<AccountResult> RegisterAsync(User user, CancellationToken ct)
    {
        var exists = await user.Host.Auth.StoredExistsAsync(user.Account, ct);
        if (exists is Existence.Yes)
        {
            return AccountResult.Exists;
        }

        if (user.Keys.Count == 0 && string.IsNullOrEmpty(user.Password))
        {
            return AccountResult.EmptyPassword;
        }

        if (IsDryRun)
        {
            return user.Host.Auth.Support.Plain || user.Host.Auth.Support.ScramHashes.Count > 0 ? AccountResult.Ok : AccountResult.NotAllowed;
        }

        return user.Keys.Count > 0
            ? await user.Host.Auth.Accounts.ImportAsync(user.Account, AccountPassword.FromScram(PortableCredentials.Together(user.Keys)), ct)
            : await user.Host.Auth.Accounts.RegisterAsync(user.Account, user.Password!, ct);
    }

    private static async ValueTask ImportAsync(User user, IPortableData data, PortablePiece piece, ImportProgress progress, CancellationToken ct)
    {
        if (user.Batch.Count > 0 && user.Batch[0].Element != piece.Element)
        {
            await FlushAsync(user, progress, ct);
        }

        user.Seen++;
        if (user.Seen <= user.Done)
        {
            return; // taken over before the interruption
        }

        if (piece.Element.HasIds)
        {
            user.Batch.Add(piece);
            user.Taking = data;
            if (user.Batch.Count >= BatchSize)
            {
                await FlushAsync(user, progress, ct);
            }

            return;
        }

        await data.ImportAsync(user.Account, piece, ct);
        user.Done = user.Seen;
        progress.Reached(user.Done);
    }

    // All of the batch, or what an interruption left of it is taken over again.
    private static async ValueTask FlushAsync(User user, ImportProgress progress, CancellationToken ct)
    {
        if (user.Batch.Count > 0)
        {
            await user.Taking!.ImportAsync(user.Account, user.Batch, ct);
            user.Batch.Clear();
            user.Done = user.Seen;
            progress.Reached(user.Done);
        }
    }

    private static (IPortableData? Data, PortableElement? Element) Find(HostType host, XmlQualifiedName name, bool isContainer)
    {
        foreach (var data in host.Portable)
        {
            foreach (var element in data.Elements)
            {
                if (element.Name == name.Name && element.Namespace == name.Namespace && element.IsContainer == isContainer)
                {
                    return (data, element);
                }
            }
        }

        return (null, null);
    }

    private void Once(string what)
    {
        if (_told.Add(what))
        {
            report(what);
        }
    }

    private sealed class User(BareJid account, HostType host)
    {
        public BareJid Account => account;

        public HostType Host => host;

        public string? Password { get; set; }

        public List<ScramKeys> Keys { get; } = [];

        public List<(IPortableData Data, PortablePiece Piece)> Waiting { get; } = [];

        /// <summary>Pieces with ids that wait for each other, all of one element.</summary>
        public List<PortablePiece> Batch { get; } = [];

        /// <summary>Who takes <see cref="Batch"/>.</summary>
        public IPortableData? Taking { get; set; }

        public bool IsMade { get; set; }

        public bool IsRefused { get; set; }

        /// <summary>How many pieces were taken over, now or before.</summary>
        public long Done { get; set; }

        /// <summary>How many pieces went by.</summary>
        public long Seen { get; set; }
    }
}
