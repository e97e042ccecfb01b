using System.Security.Cryptography;

namespace Meerkat.Server.Running;

/// <summary>Where the server keeps its data: the embedded database and the certificate that it signed itself.</summary>
/// <param name="Path">The folder, absolute; it exists and belongs to its owner alone.</param>
public sealed record DataFolder(string Path)
{
    /// <summary>The environment variable that names it.</summary>
    public const string Variable = "MEERKAT_DATA";

    /// <summary>The embedded database.</summary>
    public string Database => System.IO.Path.Combine(Path, "meerkat.sqlite");

    /// <summary>The socket of <c>meerkatctl</c>.</summary>
    public string ControlSocket => Admin.Control.ControlSocket.PathIn(Path);

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

    /// <summary>A secret of this installation, made the first time: 32 octets in <c>secret.key</c>, readable by its owner alone.</summary>
    /// <exception cref="StartException">It cannot be read or written.</exception>
    public ReadOnlyMemory<byte> Secret()
    {
        var file = System.IO.Path.Combine(Path, "secret.key");
        try
        {
            if (!File.Exists(file))
            {
                // Whole or not at all: a crash in the middle must not leave half a secret, nor two processes two.
                var made = $"{file}.{Environment.ProcessId}";
                var writing = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows())
                {
                    writing.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                }

                using (var stream = new FileStream(made, writing))
                {
                    stream.Write(RandomNumberGenerator.GetBytes(32));
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

            return File.ReadAllBytes(file);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"the secret {file} cannot be kept: {refused.Message}", refused);
        }
    }
}
