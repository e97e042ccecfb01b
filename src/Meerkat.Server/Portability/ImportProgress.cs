using System.Globalization;

namespace Meerkat.Server.Portability;

/// <summary>How far an import has come, in a file beside the imported one: whoever is interrupted goes on from there. Gone when all is done.</summary>
/// <remarks>Written after each step: what is written may be a step behind what was taken over, never before it.</remarks>
internal sealed class ImportProgress : IDisposable
{
    private readonly string _path;
    private FileStream? _file;

    private ImportProgress(string path) => _path = path;

    /// <summary>How many users are done, in the order of the file.</summary>
    public long Users { get; private set; }

    /// <summary>How many pieces of the next user are done; null when it was not begun, and its account not made.</summary>
    public long? Pieces { get; private set; }

    /// <summary>Whether there was an interrupted import.</summary>
    public bool IsResumed { get; private set; }

    /// <summary>Opens the progress of a file; a new one where there is none, or where it is to begin anew.</summary>
    public static ImportProgress Open(string imported, bool anew)
    {
        var progress = new ImportProgress(imported + ".progress");
        if (!anew && File.Exists(progress._path) && File.ReadAllText(progress._path).Split(' ') is [var users, var pieces]
            && long.TryParse(users, NumberStyles.None, CultureInfo.InvariantCulture, out var done))
        {
            progress.Users = done;
            progress.Pieces = long.TryParse(pieces, NumberStyles.None, CultureInfo.InvariantCulture, out var some) ? some : null;
            progress.IsResumed = true;
        }

        return progress;
    }

    /// <summary>A piece of the current user was taken over, or with 0 its account made.</summary>
    public void Reached(long pieces)
    {
        Pieces = pieces;
        Save();
    }

    /// <summary>The current user is done.</summary>
    public void UserDone()
    {
        Users++;
        Pieces = null;
        Save();
    }

    /// <summary>All is done.</summary>
    public void Finished()
    {
        Dispose();
        File.Delete(_path);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    // One short write of a constant length, so that no reader ever sees half of an old one.
    private void Save()
    {
        _file ??= new FileStream(_path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var text = $"{Users:D19} {(Pieces is { } pieces ? pieces.ToString("D19", CultureInfo.InvariantCulture) : new string('-', 19))}";
        _file.Seek(0, SeekOrigin.Begin);
        _file.Write(System.Text.Encoding.ASCII.GetBytes(text));
    }
}
