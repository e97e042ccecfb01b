using System.Text;

namespace Meerkat.Modules.Registration;

/// <summary>The entropy of a password by the kinds of its bytes (AUTH-140, REG-007).</summary>
internal static class PasswordStrength
{
    /// <summary>Bits: the length in bytes times the logarithm of how many bytes there are of the kinds that occur.</summary>
    public static double Entropy(string password)
    {
        var bytes = Encoding.UTF8.GetBytes(password);
        bool lower = false, upper = false, digit = false, printable = false, other = false;
        foreach (var b in bytes)
        {
            switch (b)
            {
                case >= (byte)'a' and <= (byte)'z':
                    lower = true;
                    break;
                case >= (byte)'A' and <= (byte)'Z':
                    upper = true;
                    break;
                case >= (byte)'0' and <= (byte)'9':
                    digit = true;
                    break;
                case > 0x20 and < 0x7f:
                    printable = true;
                    break;
                default:
                    other = true;
                    break;
            }
        }

        // Nine digits, as the reference counts them: configured thresholds go by that.
        var pool = (lower ? 26 : 0) + (upper ? 26 : 0) + (digit ? 9 : 0) + (printable ? 33 : 0) + (other ? 128 : 0);
        return pool == 0 ? 0 : bytes.Length * Math.Log2(pool);
    }
}
