using System.Security.Cryptography;
using System.Text;

namespace Meerkat.Server.Running;

/// <summary>Where the server keeps its data: the embedded database and the certificate that it signed itself.</summary>
/// <param name="Path">The folder, absolute; it exists and belongs to its owner alone.</param>
public sealed record DataFolder(string Path)
{
    /// <summary>The environment variable that names it.</summary>
    public const string Variable = "MEERKAT_DATA";

    // What the platform says of a file that another has locked: EWOULDBLOCK, ERROR_SHARING_VIOLATION.
    private const int LinuxTaken = 11;
    private const int MacTaken = 35;
    private const int WindowsTaken = unchecked((int)0x80070020);

    /// <summary>The embedded database.</summary>
    public string Database => System.IO.Path.Combine(Path, "meerkat.sqlite");

    /// <summary>The socket of <c>meerkatctl</c>: the server's, or that of one node of a cluster that shares the folder.</summary>
    public string ControlSocket(string? node) => Admin.Control.ControlSocket.PathIn(Path, node);

    /// <summary>What <see cref="Hold"/> locks.</summary>
    public string Lock => System.IO.Path.Combine(Path, "server.lock");

    /// <summary>Uploaded files, unless the configuration puts them elsewhere.</summary>
    public string Uploads => System.IO.Path.Combine(Path, "uploads");

    /// <summary>Finds the folder and makes it if it is not there: the one that is asked for, else the one of <see cref="Variable"/>, else <c>data</c> below the current folder.</summary>
    /// <exception cref="StartException">It cannot be made or written to.</exception>
    public static DataFolder Open(string? asked)
    {
        var path = System.IO.Path.GetFullPath(asked ?? Environment.GetEnvironmentVariable(Variable) ?? "data");
        try
        {
            if (!Directory.Exists(path))
            {
                if (OperatingSystem.IsWindows())
                {
                    Directory.CreateDirectory(path);
                }
                else
                {
                    Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                }
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"the data folder {path} cannot be made: {refused.Message}; name another with --data or {Variable}", refused);
        }

        return new DataFolder(path);
    }

    /// <summary>Takes the folder for this process: a server serves from it, or an import fills it. The lock is the operating system's, and ends with the process, however that ends.</summary>
    /// <returns>Gives it back when it is disposed of.</returns>
    /// <exception cref="StartException">Somebody else has it, or the file cannot be made.</exception>
    public IDisposable Hold() => Take(Lock, shared: false, $"the data folder {Path} is in use: a server runs on it, or an import");

    /// <summary>Takes the folder for one node of a cluster, beside others of the same cluster on this machine. A server of its own, or an import, keeps all of them out and is kept out by them.</summary>
    /// <param name="node">The node's name.</param>
    /// <returns>Gives it back when it is disposed of.</returns>
    /// <exception cref="StartException">Somebody else has it, or a node of that name runs on it.</exception>
    public IDisposable HoldFor(string node)
    {
        var folder = Take(Lock, shared: true, $"the data folder {Path} is in use: a server that is no node of this cluster runs on it, or an import");
        try
        {
            return new Locks([folder, Take(System.IO.Path.Combine(Path, $"node-{node}.lock"), shared: false, $"the node {node} runs already on the data folder {Path}")]);
        }
        catch (StartException)
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Whether a server, or an import, has taken the folder. It may be otherwise a moment later: for what people are told.</summary>
    public bool IsHeld()
    {
        if (!File.Exists(Lock))
        {
            return false;
        }

        try
        {
            Hold().Dispose();
            return false;
        }
        catch (StartException)
        {
            return true;
        }
    }

    /// <summary>The password in a file; where there is no such file it is made, with a password of 256 random bits that its owner alone can read.</summary>
    /// <param name="file">Its name; a relative one starts here.</param>
    /// <exception cref="StartException">It cannot be read or written, or holds nothing.</exception>
    public string Password(string file)
    {
        var path = System.IO.Path.GetFullPath(file, Path);
        try
        {
            if (!File.Exists(path))
            {
                MakeOnce(path, Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(64, lowercase: true) + "\n"));
            }

            return File.ReadAllText(path).Trim() is { Length: > 0 } password ? password : throw new StartException($"{path} holds no password");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"the password {path} cannot be kept: {refused.Message}", refused);
        }
    }

    /// <summary>A secret of this installation, made the first time: 32 octets in <c>secret.key</c>, readable by its owner alone.</summary>
    /// <exception cref="StartException">It cannot be read or written.</exception>
    public ReadOnlyMemory<byte> Secret()
    {
        var file = System.IO.Path.Combine(Path, "secret.key");
        try
        {
            if (!File.Exists(file))
            {
                MakeOnce(file, RandomNumberGenerator.GetBytes(32));
            }

            return File.ReadAllBytes(file);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"the secret {file} cannot be kept: {refused.Message}", refused);
        }
    }

    // Who only reads shares the platform's lock with others who do.
    private static FileStream Take(string file, bool shared, string text)
    {
        var how = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = shared ? FileAccess.Read : FileAccess.ReadWrite,
            Share = shared ? FileShare.Read : FileShare.None,
        };
        if (!OperatingSystem.IsWindows())
        {
            how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            return new FileStream(file, how);
        }
        catch (IOException taken) when (taken.HResult is LinuxTaken or MacTaken or WindowsTaken)
        {
            throw new StartException(text, taken);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"{file} cannot be locked: {refused.Message}", refused);
        }
    }

    private sealed class Locks(IReadOnlyList<IDisposable> held) : IDisposable
    {
        public void Dispose()
        {
            foreach (var one in held)
            {
                one.Dispose();
            }
        }
    }

    // Whole or not at all: a crash in the middle must not leave half a secret, nor two processes two.
    private static void MakeOnce(string file, byte[] content)
    {
        var made = $"{file}.{Environment.ProcessId}";
        var writing = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            writing.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(made, writing))
        {
            stream.Write(content);
        }

        try
        {
            File.Move(made, file, overwrite: false);
        }
        catch (IOException) when (File.Exists(file))
        {
            File.Delete(made);
        }
    }
}
