using System.IO.Compression;
using System.Text;
using Meerkat.Core.Hosts;
using Meerkat.Core.Storage;
using Meerkat.Xmpp;

namespace Meerkat.Core.Accounts;

/// <summary>Hands out all that is kept for an account, to a person who asks for it (OPS-140, GDPR article 15).</summary>
/// <param name="domains">What is served.</param>
public sealed class PersonalDataOperations(DomainTable domains)
{
    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>Writes a ZIP file with one CSV file for each group of data that the account has something in.</summary>
    /// <param name="account">The account.</param>
    /// <param name="path">Where: a file that is not there yet, in a folder that is. Only its owner may read it.</param>
    /// <param name="ct">Gives up; what was written of the file is removed.</param>
    public async ValueTask<PersonalDataResult> RetrieveAsync(BareJid account, string path, CancellationToken ct)
    {
        if (!domains.TryFindAccounts(account.Domain, out var domain) || await domain.Host.Auth.StoredExistsAsync(account, ct) is not Existence.Yes)
        {
            return PersonalDataResult.UserDoesNotExist;
        }

        if (Directory.Exists(path))
        {
            return PersonalDataResult.IsDirectory;
        }

        if (File.Exists(path))
        {
            return PersonalDataResult.FileExists;
        }

        FileStream file;
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            file = new FileStream(path, options);
        }
        catch (UnauthorizedAccessException)
        {
            return PersonalDataResult.PermissionDenied;
        }
        catch (Exception unusable) when (unusable is IOException or ArgumentException or NotSupportedException)
        {
            return PersonalDataResult.WrongFileName;
        }

        var isComplete = false;
        try
        {
            await using (file)
            {
                await WriteAsync(domain.Host, account, file, ct);
                isComplete = true;
            }
        }
        finally
        {
            if (!isComplete)
            {
                File.Delete(path);
            }
        }

        return PersonalDataResult.Ok;
    }

    private static async Task WriteAsync(HostType host, BareJid account, Stream file, CancellationToken ct)
    {
        // One entry of a ZIP file is written at a time, and a section may come in pieces between which others stand: so section by section into a file each.
        var folder = Directory.CreateTempSubdirectory("meerkat-gdpr-");
        try
        {
            var names = new List<string>();
            foreach (var data in host.Data)
            {
                await foreach (var section in data.ExportAsync(account, ct))
                {
                    await AppendAsync(folder.FullName, section, names, ct);
                }
            }

            await using var zip = await ZipArchive.CreateAsync(file, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, ct);
            foreach (var name in names)
            {
                await zip.CreateEntryFromFileAsync(Path.Combine(folder.FullName, name), name, ct);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task AppendAsync(string folder, PersonalDataSection section, List<string> names, CancellationToken ct)
    {
        if (section.Rows.Count == 0)
        {
            return;
        }

        var name = $"{section.Name}.csv";
        await using var csv = new StreamWriter(Path.Combine(folder, name), append: true, s_utf8);
        if (!names.Contains(name))
        {
            names.Add(name);
            await csv.WriteAsync(Line(section.Columns).AsMemory(), ct);
        }

        foreach (var row in section.Rows)
        {
            await csv.WriteAsync(Line(row).AsMemory(), ct);
        }
    }

    // RFC 4180
    private static string Line(IReadOnlyList<string> fields) =>
        string.Join(',', fields.Select(field => field.AsSpan().ContainsAny(",\"\r\n") ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field)) + "\r\n";
}

/// <summary>How a retrieval of personal data went.</summary>
public enum PersonalDataResult
{
    /// <summary>The file is written.</summary>
    Ok,

    /// <summary>There is no such account.</summary>
    UserDoesNotExist,

    /// <summary>The folder is not there, or the name is none.</summary>
    WrongFileName,

    /// <summary>The server may not write there.</summary>
    PermissionDenied,

    /// <summary>The name is a folder's.</summary>
    IsDirectory,

    /// <summary>There is such a file.</summary>
    FileExists,
}
