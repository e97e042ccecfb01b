using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Meerkat.Load.Client;

/// <summary>
/// A client's SCRAM-SHA-1 keys (RFC 5802 §3), derived once per salt and kept in a file between runs: the rounds are the client's cost, and a
/// generator that paid them would compete with the server for the processor.
/// </summary>
[SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "SCRAM-SHA-1 is the mechanism that all the servers share.")]
[SuppressMessage("Security", "CA5379:Do Not Use Weak Key Derivation Function Algorithm", Justification = "SCRAM-SHA-1 is the mechanism that all the servers share.")]
internal sealed record ScramKeys(byte[] ClientKey, byte[] StoredKey, byte[] ServerKey)
{
    private static readonly ConcurrentDictionary<(string Password, string Salt, int Rounds), ScramKeys> Derived = new();
    private static readonly ConcurrentQueue<string> Fresh = new();

    /// <param name="password">In the clear; SASLprep is the caller's (ASCII needs none).</param>
    /// <param name="salt">Base64, as the server sent it.</param>
    /// <param name="rounds">Iteration count.</param>
    public static ScramKeys For(string password, string salt, int rounds) =>
        Derived.GetOrAdd((password, salt, rounds), static key =>
        {
            var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(key.Password), Convert.FromBase64String(key.Salt), key.Rounds, HashAlgorithmName.SHA1, 20);
            Fresh.Enqueue($"{key.Password} {key.Salt} {key.Rounds} {Convert.ToBase64String(salted)}");
            return FromSalted(salted);
        });

    public static void Load(string file)
    {
        if (!File.Exists(file))
        {
            return;
        }

        foreach (var line in File.ReadLines(file))
        {
            if (line.Split(' ') is [var password, var salt, var rounds, var salted])
            {
                Derived[(password, salt, int.Parse(rounds))] = FromSalted(Convert.FromBase64String(salted));
            }
        }
    }

    public static void Save(string file) => File.AppendAllLines(file, Fresh);

    private static ScramKeys FromSalted(byte[] salted)
    {
        var client = HMACSHA1.HashData(salted, "Client Key"u8);
        return new(client, SHA1.HashData(client), HMACSHA1.HashData(salted, "Server Key"u8));
    }
}
