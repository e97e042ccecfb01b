using System.Text;

namespace Meerkat.Core.Accounts;

/// <summary>What became of the records of an import (AUTH-152). Each list is in the order of the file.</summary>
public sealed record AccountImportResult
{
    /// <summary>Accounts that were made.</summary>
    public IReadOnlyList<string> Created { get; init; } = [];

    /// <summary>Accounts that were there already; they keep their passwords.</summary>
    public IReadOnlyList<string> Existing { get; init; } = [];

    /// <summary>Accounts that no method takes: a domain that is not served or is full, a password that is not allowed.</summary>
    public IReadOnlyList<string> NotAllowed { get; init; } = [];

    /// <summary>Records whose name and domain make no address, as they stand in the file.</summary>
    public IReadOnlyList<string> InvalidJid { get; init; } = [];

    /// <summary>Accounts whose password is empty.</summary>
    public IReadOnlyList<string> EmptyPassword { get; init; } = [];

    /// <summary>Records that have not three fields, as they stand in the file.</summary>
    public IReadOnlyList<string> InvalidRecord { get; init; } = [];
}

/// <summary>A record of a file of accounts: <c>user,domain,password</c>.</summary>
/// <param name="Text">As it stands in the file.</param>
/// <param name="Fields">Its fields; three in a valid one.</param>
internal sealed record AccountRecord(string Text, IReadOnlyList<string> Fields)
{
    /// <summary>Reads records in the form of RFC 4180: a field may stand in quotes, and hold commas, line breaks and doubled quotes then. Empty lines are passed over.</summary>
    public static async IAsyncEnumerable<AccountRecord> ReadAsync(TextReader file, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        while (await file.ReadLineAsync(ct) is { } line)
        {
            // An odd number of quotes: the record goes on in the next line.
            while (line.Count(c => c == '"') % 2 != 0 && await file.ReadLineAsync(ct) is { } more)
            {
                line += "\n" + more;
            }

            if (line.Length > 0)
            {
                yield return new AccountRecord(line, Split(line));
            }
        }
    }

    private static List<string> Split(string line)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var isQuoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            switch (line[i])
            {
                case '"' when isQuoted && i + 1 < line.Length && line[i + 1] == '"':
                    field.Append('"');
                    i++;
                    break;
                case '"' when isQuoted || field.Length == 0:
                    isQuoted = !isQuoted;
                    break;
                case ',' when !isQuoted:
                    fields.Add(field.ToString());
                    field.Clear();
                    break;
                default:
                    field.Append(line[i]);
                    break;
            }
        }

        fields.Add(field.ToString());
        return fields;
    }
}
