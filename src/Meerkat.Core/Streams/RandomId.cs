using System.Security.Cryptography;

namespace Meerkat.Core.Streams;

/// <summary>Random ids that nobody can guess.</summary>
public static class RandomId
{
    /// <summary>80 random bits as 16 lower-case letters and digits.</summary>
    public static string Create() => RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz234567", 16);

    /// <summary>160 random bits: for what stands for a session.</summary>
    public static string CreateLong() => RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz234567", 32);
}
