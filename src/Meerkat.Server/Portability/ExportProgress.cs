using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Meerkat.Xmpp;

namespace Meerkat.Server.Portability;

/// <summary>Where an export can go on.</summary>
/// <param name="Account">The account that was written last.</param>
/// <param name="Accounts">How many accounts are whole in the file, without one that is not.</param>
/// <param name="Begin">Where in the file that account begins.</param>
/// <param name="Offset">Up to where the file is good.</param>
/// <param name="Piece">Where the account is not whole: the hash of its last piece in the file; null where it is.</param>
internal sealed record ExportPoint(BareJid Account, long Accounts, long Begin, long Offset, string? Piece);

/// <summary>How far an export has come, in a file beside the one that is written: whoever is interrupted goes on from there. Gone when all is done.</summary>
/// <remarks>It never says more than what the operating system has of the file. Not safe for concurrent use.</remarks>
internal sealed class ExportProgress
{
    private const char Separator = '\n';

    private readonly string _path;
    private readonly string _what;

    private ExportProgress(string path, string what)
    {
        _path = path;
        _what = what;
    }

    /// <summary>Where an interrupted export of the same goes on; null where there was none.</summary>
    public ExportPoint? Point { get; private set; }

    /// <summary>Opens the progress of an export.</summary>
    /// <param name="target">The file that is to be there in the end.</param>
    /// <param name="what">All that decides what is in it: an export of something else is not gone on with.</param>
    /// <param name="anew">Whether to begin anew anyway.</param>
    public static ExportProgress Open(string target, string what, bool anew)
    {
        var progress = new ExportProgress(target + ".progress", Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(what))));
        if (!anew && File.Exists(progress._path) && File.ReadAllText(progress._path).Split(Separator) is [var same, var account, var accounts, var begin, var offset, var piece] && same == progress._what
            && Jid.TryParse(account, out var last) && Number(accounts, out var count) && Number(begin, out var from) && Number(offset, out var to))
        {
            progress.Point = new ExportPoint(last.Bare, count, from, to, piece.Length > 0 ? piece : null);
        }

        return progress;
    }

    /// <summary>The file is good up to here.</summary>
    public void Reached(ExportPoint point)
    {
        // In the place of the old one at once: no reader sees half of it.
        var next = _path + ".next";
        File.WriteAllText(next, string.Create(CultureInfo.InvariantCulture, $"{_what}{Separator}{point.Account}{Separator}{point.Accounts}{Separator}{point.Begin}{Separator}{point.Offset}{Separator}{point.Piece}"));
        File.Move(next, _path, overwrite: true);
    }

    /// <summary>All is done, or nothing of it is good any more.</summary>
    public void Forget()
    {
        Point = null;
        File.Delete(_path);
    }

    private static bool Number(string text, out long value) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
